namespace PkgForge.Sources.Debian;

/// <summary>The fields of one paragraph of a control file. Names are compared without case (Debian Policy 5.1).</summary>
public sealed class Deb822Paragraph
{
    private readonly Dictionary<string, string> fields = new(StringComparer.OrdinalIgnoreCase);

    internal Deb822Paragraph() { }

    /// <summary>
    /// The value of a field, without white space at its ends; null if the field is not there. The lines of a value
    /// that has more than one are separated by <c>\n</c>, each continuation without the one character that marks it.
    /// </summary>
    public string? this[string name] => fields.GetValueOrDefault(name);

    /// <summary>The names of all fields, as they are written.</summary>
    public IReadOnlyCollection<string> Names => fields.Keys;

    internal bool TryAdd(string name, string value) => fields.TryAdd(name, value);
}
