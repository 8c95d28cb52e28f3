using System.Reflection;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace PkgForge.Tests.Web;

/// <summary>The comments of types and their properties, from the files that the compiler makes of them.</summary>
internal sealed partial class TypeComments
{
    private readonly Dictionary<Assembly, Dictionary<string, XElement>> read = [];

    /// <summary>What a type is; empty where nothing is said.</summary>
    public string Of(Type type) => Text(Find(type, $"T:{type.FullName}")?.Element("summary"));

    /// <summary>What a property is: of a record's own parameters its type says it.</summary>
    public string Of(JsonPropertyInfo property)
    {
        if (property.AttributeProvider is not MemberInfo member)
            return "";
        var type = member.DeclaringType!;
        var parameter = Find(type, $"T:{type.FullName}")
            ?.Elements("param")
            .FirstOrDefault(element => (string?)element.Attribute("name") == member.Name);
        return Text(parameter ?? Find(type, $"P:{type.FullName}.{member.Name}")?.Element("summary"));
    }

    private XElement? Find(Type type, string name)
    {
        if (!read.TryGetValue(type.Assembly, out var members))
            read[type.Assembly] = members = Read(type.Assembly);
        return members.GetValueOrDefault(name);
    }

    private static Dictionary<string, XElement> Read(Assembly assembly)
    {
        var file = Path.ChangeExtension(assembly.Location, ".xml");
        return File.Exists(file)
            ? XDocument
                .Load(file)
                .Descendants("member")
                .ToDictionary(member => (string)member.Attribute("name")!, StringComparer.Ordinal)
            : [];
    }

    private static string Text(XElement? element) =>
        element is null ? "" : Space().Replace(string.Concat(element.Nodes().Select(Text)), " ").Trim();

    private static string Text(XNode node) =>
        node switch
        {
            XText text => text.Value,
            XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
            XElement element when (string?)element.Attribute("cref") is { } target => target.Split('.')[^1],
            XElement element when (string?)element.Attribute("name") is { } name => name,
            XElement element => element.Value,
            _ => "",
        };

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}
