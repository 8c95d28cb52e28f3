using System.Data.Common;
using PkgForge.Jobs;
using PkgForge.Platforms;
using PkgForge.Registry;
using PkgForge.Server.Configuration;
using PkgForge.Sources;

namespace PkgForge.Cli.Commands;

/// <summary>
/// What a job asks for by name that the farm does not have, told to who submits it. The registry is asked where it can be: submitting works without it, and
/// incoming says the same later.
/// </summary>
internal static class SelectionWarnings
{
    /// <summary>Nobody waits for this.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private const string Embedded = "sqlite:";

    public static async Task<IReadOnlyList<string>> FindAsync(
        FarmConfiguration configuration,
        Job job,
        IReadOnlySet<PackageFormat> formats,
        CancellationToken cancel
    )
    {
        if (job.Platforms.Count + job.Architectures.Count == 0 || !IsThere(configuration.Registry))
            return [];
        try
        {
            await using var registry = Registries.Open(
                new() { Connection = configuration.Registry, Timeout = Patience }
            );
            var selected = new PlatformSelection(await registry.ListPlatformsAsync(cancel), formats).Select(
                job.Platforms,
                job.Architectures
            );
            return selected.Error is { } error ? [$"the farm will not take this job: {error}"] : selected.Warnings;
        }
        catch (Exception e)
            when (e
                    is FarmUnavailableException
                        or RegistrySchemaException
                        or DbException
                        or IOException
                        or UnauthorizedAccessException
                        or ArgumentException
            )
        {
            return [];
        }
    }

    /// <summary>An embedded registry that is not there would be made by looking for it.</summary>
    private static bool IsThere(string connection) =>
        !connection.StartsWith(Embedded, StringComparison.Ordinal) || File.Exists(connection[Embedded.Length..].Trim());
}
