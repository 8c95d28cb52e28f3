using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using AwesomeAssertions;
using PkgForge.Cli;
using PkgForge.Jobs;
using PkgForge.Registry;
using PkgForge.Server.Handlers;
using PkgForge.Web.Hosting;
using Xunit;

namespace PkgForge.Tests;

/// <summary>What ARCHITECTURE.md says is so.</summary>
public sealed partial class ArchitectureTests
{
    private static readonly string Page = Checkout.Read("ARCHITECTURE.md");

    // A project's assembly has its name, but for two: see docs/decisions/0004-core-assembly.md.
    private static readonly Dictionary<string, Assembly> Shipped = new()
    {
        ["PkgForge"] = typeof(JobId).Assembly,
        ["PkgForge.Registry"] = typeof(IRegistry).Assembly,
        ["PkgForge.Server"] = typeof(Farm).Assembly,
        ["PkgForge.Web"] = typeof(WebServer).Assembly,
        ["PkgForge.Cli"] = typeof(ExitCode).Assembly,
    };

    private static readonly string[] DatabasePackages = ["Npgsql", "Microsoft.Data.Sqlite"];

    public static TheoryData<string> Projects => [.. ProjectFiles().Keys.Order(StringComparer.Ordinal)];

    public static TheoryData<string> ShippedProjects => [.. Shipped.Keys];

    [Fact]
    public void The_table_has_a_row_for_each_project_and_none_for_what_is_no_project() =>
        Table().Keys.Should().BeEquivalentTo(ProjectFiles().Keys);

    [Fact]
    public void The_table_lets_projects_use_only_projects() =>
        Table().Values.SelectMany(uses => uses).Should().BeSubsetOf(ProjectFiles().Keys);

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_references_only_what_the_table_lets_it_use(string project) =>
        References(project).Should().BeSubsetOf(Table()[project]);

    [Theory]
    [MemberData(nameof(ShippedProjects))]
    public void An_assembly_uses_only_what_the_table_lets_it_use(string project)
    {
        var names = Shipped.ToDictionary(item => item.Value.GetName().Name!, item => item.Key);
        var used = Shipped[project].GetReferencedAssemblies().Select(name => names.GetValueOrDefault(name.Name!));
        used.OfType<string>().Should().BeSubsetOf(Table()[project]);
    }

    [Theory]
    [MemberData(nameof(ShippedProjects))]
    public void Only_the_registry_knows_a_database(string project)
    {
        var packages = Load(project).Descendants("PackageReference").Select(Included);
        var assemblies = Shipped[project].GetReferencedAssemblies().Select(name => name.Name!);
        packages
            .Concat(assemblies)
            .Intersect(DatabasePackages)
            .Should()
            .HaveCount(project == "PkgForge.Registry" ? DatabasePackages.Length : 0);
    }

    [Theory]
    [MemberData(nameof(ShippedProjects))]
    public void No_type_is_named_after_having_no_purpose(string project)
    {
        var names = Shipped[project]
            .GetTypes()
            .Where(type => !type.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false))
            .Select(type => type.Name.Split('`')[0]);
        names.Where(name => Purposeless().IsMatch(name)).Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(ShippedProjects))]
    public void The_rooms_of_a_project_are_its_folders(string project)
    {
        var directory = Path.GetDirectoryName(ProjectFiles()[project])!;
        var folders = Directory.EnumerateDirectories(directory).Select(path => Path.GetFileName(path));
        Rooms(project).Should().BeEquivalentTo(folders.Except(["bin", "obj"]));
    }

    [Fact]
    public void Every_source_file_that_is_named_is_there()
    {
        var named = SourceFile().Matches(Page).Select(match => match.Groups["file"].Value).ToList();
        named.Should().HaveCountGreaterThan(5);
        named.Where(file => !File.Exists(Checkout.PathOf(file))).Should().BeEmpty();
    }

    private static Dictionary<string, string> ProjectFiles() =>
        new[] { "src", "tests", "bench" }
            .SelectMany(folder => Directory.EnumerateDirectories(Checkout.PathOf(folder)))
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*.csproj"))
            .ToDictionary(path => Path.GetFileNameWithoutExtension(path));

    private static XDocument Load(string project) => XDocument.Load(ProjectFiles()[project]);

    private static IEnumerable<string> References(string project) =>
        Load(project).Descendants("ProjectReference").Select(item => Path.GetFileNameWithoutExtension(Included(item)));

    private static string Included(XElement item) => item.Attribute("Include")!.Value;

    private static Dictionary<string, string[]> Table() =>
        TableRow()
            .Matches(Page)
            .ToDictionary(
                row => row.Groups["project"].Value,
                row => Name().Matches(row.Groups["uses"].Value).Select(match => match.Groups["name"].Value).ToArray()
            );

    private static IEnumerable<string> Rooms(string project)
    {
        var section = Page.Split($"### `{project}`\n", 2).Last().Split("\n#", 2)[0];
        return Room().Matches(section).Select(match => match.Groups["room"].Value);
    }

    [GeneratedRegex(
        @"^\| `(?<project>[A-Za-z.]+)` \| [^|]+ \| (?<uses>-|`[A-Za-z.]+`(?:, `[A-Za-z.]+`)*) \|$",
        RegexOptions.Multiline
    )]
    private static partial Regex TableRow();

    [GeneratedRegex("`(?<name>[A-Za-z.]+)`")]
    private static partial Regex Name();

    [GeneratedRegex(@"^- `(?<room>[A-Za-z]+)/`", RegexOptions.Multiline)]
    private static partial Regex Room();

    [GeneratedRegex(@"`(?<file>(?:src|tests)/[A-Za-z0-9./]+\.(?:cs|sh))`")]
    private static partial Regex SourceFile();

    [GeneratedRegex(@"(?:Helper|Manager|Util|Service)s?\z")]
    private static partial Regex Purposeless();
}
