using Microsoft.Data.Sqlite;

namespace PkgForge.Registry.Sqlite;

/// <summary>What SQLite's errors mean to the farm, with what to do.</summary>
internal static class SqliteErrors
{
    // https://www.sqlite.org/rescode.html
    public const int Error = 1;
    public const int Busy = 5;
    public const int Locked = 6;
    public const int ReadOnly = 8;
    public const int Io = 10;
    public const int Corrupt = 11;
    public const int Full = 13;
    public const int CannotOpen = 14;
    public const int NotADatabase = 26;

    public static bool IsBusy(SqliteException e) => e.SqliteErrorCode is Busy or Locked;

    /// <summary>The registry's own exception; null for an error that is a fault of the statement or of its data.</summary>
    public static Exception? Map(SqliteException e, string path) =>
        e.SqliteErrorCode switch
        {
            Error when e.Message.Contains("no such table") || e.Message.Contains("no such column") =>
                new RegistrySchemaException(
                    $"the registry {path} is not set up for this program: run `pkgforge initserver`",
                    e
                ),
            CannotOpen when !File.Exists(path) => Missing(path, e),
            CannotOpen => Unavailable(
                $"cannot be opened: may this user read and write it, and its directory?",
                path,
                e
            ),
            ReadOnly => new UnauthorizedAccessException(
                $"this user may look at the registry {path}, but not change it: do this as the farm's user, or as root",
                e
            ),
            Full => Unavailable("cannot grow: the disk is full", path, e),
            Io => Unavailable(
                "could not be read or written (input/output error): see the kernel's log about the disk",
                path,
                e
            ),
            Corrupt or NotADatabase => Unavailable(
                "is damaged, or no SQLite database: restore it from a backup",
                path,
                e
            ),
            Busy or Locked => Unavailable(
                "is locked by another process: look for one that holds a transaction open, e.g. a sqlite3 shell",
                path,
                e
            ),
            _ => null,
        };

    private static RegistrySchemaException Missing(string path, SqliteException e) =>
        new($"there is no registry at {path}: run `pkgforge initserver`, or correct the path in the configuration", e);

    private static RegistryUnavailableException Unavailable(string what, string path, SqliteException e) =>
        new($"the registry {path} {what} ({e.Message})", e);
}
