using PkgForge.Platforms;

namespace PkgForge.Registry.Sql;

internal abstract partial class SqlRegistry
{
    public Task<bool> AddPlatformAsync(Platform platform, CancellationToken cancel)
    {
        if (!platform.Key.IsWellFormed)
            throw new ArgumentException(
                $"'{platform.Key}' is not the name and architecture of a platform",
                nameof(platform)
            );
        return WriteAsync(
            async sql =>
                await sql.ExecuteAsync(
                    """
                    INSERT INTO platform (key, name, architecture, format, active, auto)
                    VALUES (@key, @name, @architecture, @format, @active, @auto)
                    ON CONFLICT (key) DO NOTHING
                    """,
                    ("key", Stored(platform.Key)),
                    ("name", platform.Key.Name),
                    ("architecture", platform.Key.Architecture),
                    ("format", platform.Format.Name()),
                    ("active", platform.Active),
                    ("auto", platform.Auto)
                ) == 1,
            InDoubt.Tell,
            cancel
        );
    }

    public Task<IReadOnlyList<Platform>> ListPlatformsAsync(CancellationToken cancel) =>
        ReadAsync<IReadOnlyList<Platform>>(
            async sql =>
                await sql.QueryAsync(
                    """
                    SELECT name, architecture, format, active, auto FROM platform
                    ORDER BY lower(name), lower(architecture)
                    """,
                    row => new Platform(row.Key(0), States.Format(row.Text(2)), row.Flag(3), row.Flag(4))
                ),
            cancel
        );

    public Task<bool> SetPlatformActiveAsync(PlatformKey key, bool active, CancellationToken cancel) =>
        SetPlatformAsync("UPDATE platform SET active = @value WHERE key = @key", key, active, cancel, wake: active);

    public Task<bool> SetPlatformAutoAsync(PlatformKey key, bool auto, CancellationToken cancel) =>
        SetPlatformAsync("UPDATE platform SET auto = @value WHERE key = @key", key, auto, cancel);

    /// <summary>How a platform's names are stored for comparing: without case.</summary>
    protected static string Stored(PlatformKey key) => key.ToString().ToLowerInvariant();

    private Task<bool> SetPlatformAsync(
        string statement,
        PlatformKey key,
        bool value,
        CancellationToken cancel,
        bool wake = false
    ) =>
        WriteAsync(
            async sql =>
            {
                if (await sql.ExecuteAsync(statement, ("value", value), ("key", Stored(key))) != 1)
                    return false;
                if (wake)
                    sql.Wake(Topic.Tasks(key));
                return true;
            },
            InDoubt.Repeat,
            cancel
        );
}
