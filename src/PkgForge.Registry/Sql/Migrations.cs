using System.Security.Cryptography;
using System.Text;

namespace PkgForge.Registry.Sql;

/// <summary>A numbered change of the schema. Once released its text never changes: its checksum is in the database.</summary>
internal sealed record Migration(string Name, string Sql, string Sha256);

/// <summary>The migrations that are embedded in this program.</summary>
internal static class Migrations
{
    /// <summary>Those of a dialect, by its folder, in order.</summary>
    public static IReadOnlyList<Migration> Of(string folder)
    {
        var prefix = $"PkgForge.Registry.{folder}.Migrations.";
        return
        [
            .. typeof(Migrations)
                .Assembly.GetManifestResourceNames()
                .Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
                .Select(name => Load(name, name[prefix.Length..^".sql".Length])),
        ];
    }

    private static Migration Load(string resource, string name)
    {
        using var stream = typeof(Migrations).Assembly.GetManifestResourceStream(resource)!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var sql = reader.ReadToEnd();
        return new(name, sql, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(sql))));
    }
}
