using System.Data.Common;
using PkgForge.Jobs;
using PkgForge.Platforms;

namespace PkgForge.Registry.Sql;

/// <summary>The current row of a result, by column number, in the terms of the records.</summary>
internal readonly struct Row(DbDataReader reader, Dialect dialect)
{
    public bool IsNull(int column) => reader.IsDBNull(column);

    public string Text(int column) => reader.GetString(column);

    public string? TextOrNull(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    public bool Flag(int column) => reader.GetBoolean(column);

    public int Int(int column) => (int)reader.GetInt64(column);

    public long Long(int column) => reader.GetInt64(column);

    public double Real(int column) => reader.GetDouble(column);

    public long? LongOrNull(int column) => reader.IsDBNull(column) ? null : reader.GetInt64(column);

    public DateTimeOffset Time(int column) => dialect.ReadTime(reader, column);

    public DateTimeOffset? TimeOrNull(int column) => reader.IsDBNull(column) ? null : Time(column);

    public JobId Id(int column) => JobId.Parse(reader.GetString(column));

    /// <summary>A platform's name in this column and its architecture in the next.</summary>
    public PlatformKey Key(int column) => new(reader.GetString(column), reader.GetString(column + 1));
}
