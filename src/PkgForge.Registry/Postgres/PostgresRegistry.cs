using PkgForge.Registry.Sql;

namespace PkgForge.Registry.Postgres;

internal static class PostgresRegistry
{
    public static IRegistry Open(string text, RegistryOptions options, TimeProvider clock) =>
        throw new NotSupportedException(text + options + clock + typeof(SqlRegistry));
}
