using System.CommandLine;
using System.Text;
using System.Text.RegularExpressions;
using AwesomeAssertions;
using PkgForge.Cli;
using PkgForge.Cli.Commands;
using PkgForge.Jobs;
using PkgForge.Records;
using PkgForge.Registry;
using PkgForge.Server.Configuration;
using PkgForge.Server.Reporting;
using Xunit;

namespace PkgForge.Tests;

/// <summary>The documents tell of everything that there is.</summary>
public sealed partial class DocumentationTests
{
    private const string Commands = "docs/user/commands.md";
    private const string Configuration = "docs/admin/configuration.md";
    private const string Manual = "packaging/man/pkgforge.1";
    private const string ConfigurationManual = "packaging/man/pkgforge.yml.5";

    public static TheoryData<string> CommandNames => [.. Walk(Root.Create(), "pkgforge").Select(item => item.Name)];

    /// <summary>Keys, and the sections that tell of them; null where any may.</summary>
    public static TheoryData<string?, string[]> Keys =>
        new()
        {
            { null, ConfigurationReader.Keys },
            { "Buckets", ConfigurationReader.BucketKeys },
            { "Platform recipes", ConfigurationReader.RecipeKeys },
            { "Limits", LimitsSection.Keys },
            { "Mail", MailSection.Keys },
            { "Serve", ServeSection.Keys },
            { "Serve", LoginSections.OidcKeys },
            { "Serve", LoginSections.KerberosKeys },
        };

    public static TheoryData<string> Pages =>
        [
            .. new[] { "", "docs" }
                .SelectMany(folder =>
                    Directory.EnumerateFiles(
                        Checkout.PathOf(folder),
                        "*.md",
                        folder.Length == 0 ? SearchOption.TopDirectoryOnly : SearchOption.AllDirectories
                    )
                )
                .Select(path => Path.GetRelativePath(Checkout.Root, path))
                .Order(StringComparer.Ordinal),
        ];

    [Fact]
    public void The_page_of_states_names_every_state_outcome_and_cause()
    {
        string[] names =
        [
            .. Enum.GetValues<JobState>().Select(Words.Of),
            .. Enum.GetValues<BuildTaskState>().Select(Words.Of),
            .. Enum.GetValues<AttemptOutcome>().Select(Words.Of),
            .. Enum.GetValues<Cause>().Select(CauseNames.Name),
        ];
        var page = Checkout.Read("docs/states.md");
        names.Where(name => !page.Contains($"`{name}`")).Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void Configuration_keys_are_in_their_page_and_their_manual(string? section, string[] keys)
    {
        var page = Checkout.Read(Configuration);
        var rows = section is null ? page : Section(page, $"## {section}\n");
        var manual = Checkout.Read(ConfigurationManual);
        keys.Where(key => !rows.Contains($"| `{key}` |")).Should().BeEmpty();
        keys.Where(key => !manual.Contains($"\n.It Ic {key}\n")).Should().BeEmpty();
    }

    [Fact]
    public void The_page_of_the_manifest_has_every_key_in_its_table_and_the_usual_ones_in_its_example()
    {
        var page = Checkout.Read("docs/formats/job.md");
        var example = Section(page, "## An example\n");
        ManifestFormat.Keys.Where(key => !page.Contains($"| `{key}` |")).Should().BeEmpty();
        ManifestFormat.Keys.Where(key => !example.Contains($"\n{key}:")).Should().BeEmpty();
    }

    [Fact]
    public void The_page_of_the_record_has_every_key_in_its_tables_and_its_example_is_one()
    {
        var page = Checkout.Read("docs/formats/record.md");
        string[] keys =
        [
            .. RecordReader.Keys,
            .. RecordReader.LimitKeys,
            .. RecordReader.LayerKeys,
            .. RecordReader.BuildKeys,
            .. RecordReader.StepKeys,
        ];
        keys.Where(key => !page.Contains($"| `{key}` |")).Should().BeEmpty();
        var example = YamlExample().Match(page).Groups["text"].Value;
        RecordFile.Read(Encoding.UTF8.GetBytes(example)).Error.Should().BeNull();
    }

    [Fact]
    public void The_commands_page_has_every_word_for_why_a_task_waits()
    {
        var section = Section(Checkout.Read(Commands), "## pkgforge status\n");
        Enum.GetValues<WaitReason>().Select(Words.Of).Where(word => !section.Contains($"`{word}`")).Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(CommandNames))]
    public void A_command_has_a_section_that_names_its_arguments_and_options(string name)
    {
        var command = Walk(Root.Create(), "pkgforge").Single(item => item.Name == name).Command;
        var section = Section(Checkout.Read(Commands), $"## {name}\n");
        string[] words =
        [
            .. command.Options.Where(option => !option.Hidden).SelectMany(option => option.Aliases.Append(option.Name)),
            .. command.Arguments.Select(argument => argument.Name.ToUpperInvariant()),
        ];
        words.Where(word => !section.Contains(word)).Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(CommandNames))]
    public void A_command_is_in_the_manual(string name) => Checkout.Read(Manual).Should().Contain($"\n.Ss {name}\n");

    [Fact]
    public void The_commands_page_has_no_command_that_is_none() =>
        Heading()
            .Matches(Checkout.Read(Commands))
            .Select(match => match.Groups["command"].Value)
            .Should()
            .BeSubsetOf(Walk(Root.Create(), "pkgforge").Select(item => item.Name));

    [Fact]
    public void The_example_configuration_loads()
    {
        var configuration = ConfigurationFiles.Load(Checkout.PathOf("examples/pkgforge.yml"));
        configuration.Buckets.Should().ContainKey("main");
        configuration.Platforms.Should().HaveCountGreaterThan(1);
    }

    [Fact]
    public void The_examples_in_the_configuration_page_load()
    {
        var examples = YamlExample().Matches(Checkout.Read(Configuration));
        examples.Should().NotBeEmpty();
        using var file = new TemporaryFile();
        foreach (Match example in examples)
        {
            File.WriteAllText(file.Path, example.Groups["text"].Value);
            var load = () => ConfigurationFiles.Load(file.Path);
            load.Should().NotThrow(example.Value);
        }
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Links_lead_somewhere(string page)
    {
        var directory = Path.GetDirectoryName(Checkout.PathOf(page))!;
        var targets = Link().Matches(Checkout.Read(page)).Select(match => match.Groups["target"].Value);
        targets.Where(target => !Path.Exists(Path.Combine(directory, target))).Should().BeEmpty();
    }

    private static IEnumerable<(string Name, Command Command)> Walk(Command command, string name) =>
        command.Subcommands.Count == 0
            ? [(name, command)]
            : command.Subcommands.SelectMany(inner => Walk(inner, $"{name} {inner.Name}"));

    private static string Section(string page, string heading)
    {
        page.Should().Contain($"\n{heading}");
        return page.Split($"\n{heading}", 2)[1].Split("\n## ", 2)[0];
    }

    private sealed class TemporaryFile : IDisposable
    {
        public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"{Guid.NewGuid():N}.yml");

        public void Dispose() => File.Delete(Path);
    }

    [GeneratedRegex(@"^## (?<command>pkgforge .+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"^```yaml\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex YamlExample();

    // Links with a scheme lead out of the repository; what follows # is a place in the page.
    [GeneratedRegex(@"\]\((?![a-z]+:|#)(?<target>[^)#\s]+)(?:#[^)]*)?\)")]
    private static partial Regex Link();
}
