using System.Diagnostics.CodeAnalysis;

namespace PkgForge.Sources.Debian;

/// <summary>
/// Reads a field of build dependencies (Debian Policy 7.1): groups that are separated by commas, of alternatives that are separated by bars. Bounded: at most
/// <see cref="MostRelations"/>; a text that is not well formed is refused with its place.
/// </summary>
internal sealed class DebianRelationReader
{
    /// <summary>Most alternatives in one field; the most in Debian's archive are some 600.</summary>
    public const int MostRelations = 20_000;

    private readonly string text;
    private int at;
    private int count;

    private DebianRelationReader(string text) => this.text = text;

    /// <summary>Reads a field. Empty groups, which a comma too many makes, are left out, as dpkg does.</summary>
    public static bool TryRead(
        string text,
        [NotNullWhen(true)] out IReadOnlyList<IReadOnlyList<DebianRelation>>? groups,
        [NotNullWhen(false)] out string? error
    )
    {
        var reader = new DebianRelationReader(text);
        groups = reader.Groups();
        error = groups is null ? reader.Complaint() : null;
        return groups is not null;
    }

    private List<IReadOnlyList<DebianRelation>>? Groups()
    {
        var groups = new List<IReadOnlyList<DebianRelation>>();
        do
        {
            Skip();
            if (at == text.Length || text[at] == ',')
                continue;
            if (Group() is not { } group)
                return null;
            groups.Add(group);
        } while (Take(','));
        return at == text.Length ? groups : null;
    }

    private List<DebianRelation>? Group()
    {
        var group = new List<DebianRelation>();
        do
        {
            if (++count > MostRelations || Relation() is not { } relation)
                return null;
            group.Add(relation);
        } while (Take('|'));
        return group;
    }

    private DebianRelation? Relation()
    {
        Skip();
        var relation = new DebianRelation(Word(c => char.IsAsciiLetterOrDigit(c) || c is '+' or '.' or '-'));
        if (relation.Name.Length == 0 || !char.IsAsciiLetterOrDigit(relation.Name[0]))
            return null;
        if (Take(':', skip: false))
            relation = relation with { Qualifier = Word(c => char.IsAsciiLetterOrDigit(c) || c == '-') };
        if (relation.Qualifier is "")
            return null;
        return Version(ref relation) && Architectures(ref relation) && Profiles(ref relation) ? relation : null;
    }

    private bool Version(ref DebianRelation relation)
    {
        if (!Take('('))
            return true;
        Skip();
        var sense = Word(c => c is '<' or '=' or '>');
        Skip();
        var version = Word(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '+' or '-' or '~' or ':');
        relation = relation with { Version = $"{sense} {version}" };
        return sense is "<<" or "<=" or "=" or ">=" or ">>" or "<" or ">" && version.Length > 0 && Take(')');
    }

    private bool Architectures(ref DebianRelation relation)
    {
        if (!Take('['))
            return true;
        relation = relation with { Architectures = Words() };
        return relation.Architectures.Count > 0 && Take(']');
    }

    private bool Profiles(ref DebianRelation relation)
    {
        var lists = new List<IReadOnlyList<string>>();
        while (Take('<'))
        {
            lists.Add(Words());
            if (lists[^1].Count == 0 || lists.Count > MostRelations || !Take('>'))
                return false;
        }
        relation = relation with { Profiles = lists };
        return true;
    }

    private List<string> Words()
    {
        var words = new List<string>();
        while (true)
        {
            Skip();
            var word = Word(c => char.IsAsciiLetterOrDigit(c) || c is '!' or '.' or '+' or '-');
            if (word.Length == 0)
                return words;
            words.Add(word);
        }
    }

    private string Word(Func<char, bool> isPart)
    {
        var from = at;
        while (at < text.Length && isPart(text[at]))
            at++;
        return text[from..at];
    }

    private bool Take(char wanted, bool skip = true)
    {
        if (skip)
            Skip();
        var there = at < text.Length && text[at] == wanted;
        at += there ? 1 : 0;
        return there;
    }

    private void Skip()
    {
        while (at < text.Length && text[at] is ' ' or '\t' or '\n')
            at++;
    }

    private string Complaint() =>
        count > MostRelations
            ? $"has more than {MostRelations} alternatives"
            : $"is not well formed at character {at + 1}: '{PlainName.ToPrint(text[at..Math.Min(text.Length, at + 20)])}'";
}
