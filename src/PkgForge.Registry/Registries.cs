using PkgForge.Registry.Postgres;
using PkgForge.Registry.Sqlite;

namespace PkgForge.Registry;

/// <summary>Opens the registry that the configuration names.</summary>
public static class Registries
{
    /// <summary>
    /// Makes a registry from <see cref="RegistryOptions.Connection"/>. Reaches for no file and no server yet: the first
    /// call does.
    /// </summary>
    /// <param name="options">Where, and the times.</param>
    /// <param name="clock">Times the waits and retries of this process; what is stored is by the database's clock.</param>
    /// <exception cref="ArgumentException">The connection is neither form. The message can be shown: it repeats no password.</exception>
    public static IRegistry Open(RegistryOptions options, TimeProvider? clock = null)
    {
        clock ??= TimeProvider.System;
        var (kind, rest) = options.Connection.IndexOf(':') is > 0 and var colon
            ? (options.Connection[..colon], options.Connection[(colon + 1)..])
            : ("", "");
        return kind switch
        {
            "sqlite" when rest.Trim().Length > 0 => new SqliteRegistry(Path.GetFullPath(rest.Trim()), options, clock),
            "postgres" when rest.Trim().Length > 0 => PostgresRegistry.Open(rest, options, clock),
            _ => throw new ArgumentException(
                "the registry's connection must be sqlite:PATH, e.g. sqlite:/var/lib/pkgforge/registry.db, "
                    + "or postgres:KEYWORDS, e.g. postgres:Host=db;Database=pkgforge;Username=pkgforge_admin"
                    + (
                        kind is "sqlite" or "postgres"
                            ? $"; after '{kind}:' there is nothing"
                            : "; it begins with neither"
                    ),
                nameof(options)
            ),
        };
    }
}
