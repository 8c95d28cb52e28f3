using PkgForge.Platforms;
using PkgForge.Registry.Builders;
using PkgForge.Server.Configuration;
using PkgForge.Server.Handlers;
using PkgForge.Server.Publishing;

namespace PkgForge.Server.Remote;

/// <summary>The files of this machine, for a server that gives them to builders of others.</summary>
/// <param name="farm">Whose.</param>
public sealed class BuilderFiles(Farm farm) : IBuilderFiles
{
    private readonly RepositoryCatalogue catalogue = new();

    /// <inheritdoc/>
    public string Uploads => farm.Spool.Results.Path;

    /// <inheritdoc/>
    public long MostLog => farm.Configuration.AllLimits.Max(limits => limits.Log);

    /// <summary>What was built in a root is no larger than the root.</summary>
    public long MostProduct => farm.Configuration.AllLimits.Max(limits => limits.Root);

    /// <inheritdoc/>
    public string? SettingsOf(PlatformKey platform) => BuilderSettings.Write(farm.Configuration, platform);

    /// <inheritdoc/>
    public RepositoryContent? ContentOf(RepositoryReference repository, string? revision) =>
        catalogue.ContentOf(repository, revision);
}
