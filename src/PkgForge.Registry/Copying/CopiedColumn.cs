using Npgsql;
using NpgsqlTypes;
using PkgForge.Registry.Sql;

namespace PkgForge.Registry.Copying;

/// <summary>A column, and how its values are read, written down for comparison, and written.</summary>
/// <param name="Name">Its name, the same in both databases.</param>
/// <param name="Type">What PostgreSQL calls its type.</param>
internal sealed record CopiedColumn(string Name, string Type)
{
    /// <summary>Adds the value of a row to a digest.</summary>
    public void Add(Row row, int column, RowDigest digest)
    {
        if (row.IsNull(column))
        {
            digest.AddNull();
            return;
        }
        switch (Type)
        {
            case "bigint" or "integer":
                digest.Add(row.Long(column));
                break;
            case "boolean":
                digest.Add(row.Flag(column) ? 1 : 0);
                break;
            case "timestamp with time zone":
                digest.Add(row.Time(column).UtcTicks);
                break;
            case "double precision":
                digest.Add(BitConverter.DoubleToInt64Bits(row.Real(column)));
                break;
            case "text":
                digest.Add(row.Text(column));
                break;
            default:
                throw Unknown();
        }
    }

    /// <summary>Writes the value of a row into a COPY.</summary>
    public Task WriteAsync(Row row, int column, NpgsqlBinaryImporter to, CancellationToken cancel)
    {
        if (row.IsNull(column))
            return to.WriteNullAsync(cancel);
        return Type switch
        {
            "bigint" => to.WriteAsync(row.Long(column), NpgsqlDbType.Bigint, cancel),
            "integer" => to.WriteAsync(row.Int(column), NpgsqlDbType.Integer, cancel),
            "boolean" => to.WriteAsync(row.Flag(column), NpgsqlDbType.Boolean, cancel),
            "timestamp with time zone" => to.WriteAsync(row.Time(column), NpgsqlDbType.TimestampTz, cancel),
            "double precision" => to.WriteAsync(row.Real(column), NpgsqlDbType.Double, cancel),
            "text" => to.WriteAsync(row.Text(column), NpgsqlDbType.Text, cancel),
            _ => throw Unknown(),
        };
    }

    private NotSupportedException Unknown() => new($"column {Name} has type {Type}, which a copy does not know");
}
