using System.Text;
using Npgsql;
using PkgForge.Registry.Sql;

namespace PkgForge.Registry.Postgres;

/// <summary>The roles of a farm in a PostgreSQL server: groups without login, of which the site's own users are made members.</summary>
internal static class PostgresRoles
{
    /// <summary>Their names, as in <c>grants.sql</c>.</summary>
    public static IReadOnlyList<string> Names { get; } =
    ["pkgforge_admin", "pkgforge_incoming", "pkgforge_builder", "pkgforge_web"];

    private static readonly string Grants = Read("PkgForge.Registry.Postgres.grants.sql");

    /// <summary>Gives the roles that there are just their rights on the tables.</summary>
    public static Task GrantAsync(Statements sql) => sql.ExecuteAsync(Grants);

    /// <summary>Makes the roles that are missing, or says how somebody else can.</summary>
    public static async Task<RolesOutcome> MakeAsync(NpgsqlDataSource source, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        var missing = new List<string>();
        foreach (var name in Names)
            if (!await IsTrueAsync(connection, "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", cancel, name))
                missing.Add(name);
        var statements = missing.ConvertAll(name => $"CREATE ROLE {name} NOLOGIN;");
        if (!await IsTrueAsync(connection, MayMakeRoles, cancel))
            return new([], statements);
        foreach (var statement in statements)
        {
            await using var command = new NpgsqlCommand(statement, connection);
            await command.ExecuteNonQueryAsync(cancel);
        }
        return new(missing, []);
    }

    private const string MayMakeRoles = "SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user";

    private static async Task<bool> IsTrueAsync(
        NpgsqlConnection connection,
        string question,
        CancellationToken cancel,
        params string[] values
    )
    {
        await using var command = new NpgsqlCommand(question, connection);
        foreach (var value in values)
            command.Parameters.Add(new() { Value = value });
        return await command.ExecuteScalarAsync(cancel) is true;
    }

    private static string Read(string resource)
    {
        using var stream = typeof(PostgresRoles).Assembly.GetManifestResourceStream(resource)!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
