using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace PkgForge.Sources.Debian;

/// <summary>One file that a <c>.dsc</c> names, with every digest that it gives.</summary>
/// <param name="Name">A plain name.</param>
/// <param name="Size">Length in bytes.</param>
/// <param name="Digests">The field that gave the value, and the value.</param>
internal sealed record DscFile(string Name, long Size, IReadOnlyDictionary<DscList, string> Digests);

/// <summary>A field of a <c>.dsc</c> that lists files: on each line a digest, a size and a name.</summary>
internal sealed record DscList(string Field, int HexDigits, Func<Digest> Create)
{
    /// <summary>The list that must be there, and that names the content of a file from then on.</summary>
    public static DscList Sha256 { get; } = new("Checksums-Sha256", 64, Digest.Sha256);

    /// <summary>Debian Policy 5.6.21 and 5.6.24. SHA-512 is in neither, but some archives add it.</summary>
    public static IReadOnlyList<DscList> All { get; } =
    [
        Sha256,
        new("Files", 32, Digest.Md5),
        new("Checksums-Sha1", 40, Digest.Sha1),
        new("Checksums-Sha512", 128, Digest.Sha512),
    ];
}

/// <summary>Reads the lists of files of a <c>.dsc</c>, which must all name the same files with the same sizes.</summary>
internal static class DscFiles
{
    /// <summary>Most files of one package; the largest of Debian's archive has some 300.</summary>
    private const int MaxFiles = 2000;

    public static bool TryRead(
        Deb822Paragraph fields,
        [NotNullWhen(true)] out IReadOnlyList<DscFile>? files,
        [NotNullWhen(false)] out Broken? broken
    )
    {
        var lists = DscList.All.Where(list => fields[list.Field] is not null).ToList();
        var entries = new List<(DscList List, Dictionary<string, Line> Lines)>();
        broken = null;
        foreach (var list in lists)
        {
            var fault = Read(list, fields[list.Field]!, out var lines);
            broken ??= fault;
            entries.Add((list, lines));
        }

        files = null;
        for (var i = 1; i < entries.Count; i++)
            broken ??= Compare(entries[0], entries[i]);
        if (broken is null)
            files = [.. entries[0].Lines.Values.Select(line => Join(line, entries))];
        return files is not null;
    }

    private static DscFile Join(Line line, List<(DscList List, Dictionary<string, Line> Lines)> entries) =>
        new(line.Name, line.Size, entries.ToDictionary(e => e.List, e => e.Lines[line.Name].Hex));

    private static Broken? Read(DscList list, string text, out Dictionary<string, Line> lines)
    {
        lines = new(StringComparer.Ordinal);
        foreach (var words in text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (lines.Count >= MaxFiles)
                return new("file-list", $"names more than {MaxFiles} files in {list.Field}");
            if (!TryRead(list, words, out var line))
                return new(
                    "file-list",
                    $"has a line in {list.Field} that is not 'DIGEST SIZE NAME': {PlainName.ToPrint(words)}"
                );
            if (PlainName.Fault(line.Name) is { } fault)
                return new("file-name", $"names a file '{PlainName.ToPrint(line.Name)}' whose name {fault}");
            if (!lines.TryAdd(line.Name, line))
                return new("file-twice", $"names the file {line.Name} twice in {list.Field}");
        }

        return lines.Count > 0 ? null : new("file-list", $"names no files in {list.Field}");
    }

    private static bool TryRead(DscList list, string text, [NotNullWhen(true)] out Line? line)
    {
        line = null;
        if (text.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries) is not [var hex, var size, var name])
            return false;
        if (hex.Length != list.HexDigits || !hex.All(char.IsAsciiHexDigit))
            return false;
        if (!long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes))
            return false;
        line = new(name, bytes, hex);
        return true;
    }

    private static Broken? Compare(
        (DscList List, Dictionary<string, Line> Lines) first,
        (DscList List, Dictionary<string, Line> Lines) other
    )
    {
        var names = first.Lines.Keys.Union(other.Lines.Keys, StringComparer.Ordinal);
        foreach (var name in names)
        {
            if (!first.Lines.TryGetValue(name, out var a) || !other.Lines.TryGetValue(name, out var b))
                return new(
                    "file-list",
                    $"names the file {name} in only one of {first.List.Field} and {other.List.Field}"
                );
            if (a.Size != b.Size)
                return new(
                    "file-list",
                    $"gives the file {name} different sizes in {first.List.Field} and {other.List.Field}"
                );
        }

        return null;
    }

    private sealed record Line(string Name, long Size, string Hex);
}
