using System.Collections.Concurrent;
using System.Data.Common;
using System.Text;

namespace PkgForge.Registry.Sql;

/// <summary>
/// The few words in which the two databases differ. The shared statements write them as <c>$NOW</c>, <c>$SKIP_LOCKED</c> and
/// so on; times and durations are parameters and columns of each database's own kind.
/// </summary>
internal abstract class Dialect
{
    private readonly ConcurrentDictionary<string, string> translated = new(StringComparer.Ordinal);

    /// <summary>Each word of the shared statements, and what it is here.</summary>
    protected abstract IReadOnlyList<(string Word, string Text)> Words { get; }

    /// <summary>A shared statement in this database's words. Its parameters are filled in; of the values given those that it names.</summary>
    public virtual string Fill(DbParameterCollection into, string sql, (string Name, object? Value)[] parameters)
    {
        foreach (var (name, value) in parameters)
            into.Add(Parameter(name, value));
        return Translate(sql);
    }

    /// <summary>A shared statement in this database's words.</summary>
    protected string Translate(string sql) =>
        translated.GetOrAdd(
            sql,
            text => Words.Aggregate(text, (t, word) => t.Replace(word.Word, word.Text, StringComparison.Ordinal))
        );

    /// <summary>Makes a parameter; null stands for NULL.</summary>
    protected abstract DbParameter Parameter(string name, object? value);

    /// <summary>Reads a column that holds a point in time.</summary>
    public abstract DateTimeOffset ReadTime(DbDataReader reader, int column);

    /// <summary>
    /// Text that both databases can hold. Evidence comes from logs of hostile builds: a NUL, which PostgreSQL refuses, and
    /// halves of surrogate pairs, which no encoding can write, become U+FFFD.
    /// </summary>
    internal static string Storable(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF') && !text.Contains('\0'))
            return text;
        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            clean.Append(rune.Value == 0 ? Rune.ReplacementChar.ToString() : rune.ToString());
        return clean.ToString();
    }
}
