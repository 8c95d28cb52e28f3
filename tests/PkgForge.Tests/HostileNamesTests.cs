using AwesomeAssertions;
using PkgForge.Buckets;
using PkgForge.Cli.Commands;
using PkgForge.Jobs;
using PkgForge.Platforms;
using PkgForge.Registry.Builders;
using PkgForge.Server.Configuration;
using PkgForge.Sources;
using PkgForge.Sources.Debian;
using PkgForge.Sources.Rpm;
using PkgForge.Tests.Shared;
using PkgForge.Tests.Sources;
using Xunit;

namespace PkgForge.Tests;

/// <summary>The rules for names at every place where one comes in: what is not refused is one plain value.</summary>
public sealed class HostileNamesTests
{
    /// <summary>By kind: what is said of a name that is refused, or null. Accepted ones are plain words: parts of paths, of arguments, and of other tools' files.</summary>
    private static readonly Dictionary<string, Func<string, string?>> Words = new(StringComparer.Ordinal)
    {
        ["job id"] = JobRules.Id,
        ["bucket"] = JobRules.Bucket,
        ["submitter"] = JobRules.Submitter,
        ["builder"] = name => Complaint(() => BuilderName.Check(name)),
        ["platform"] = name => new PlatformKey(name, "amd64").IsWellFormed ? null : PlatformKey.Rule,
        ["architecture"] = name => new PlatformKey("f43", name).IsWellFormed ? null : PlatformKey.Rule,
        ["product"] = name => ProductName.IsWellFormed(name) ? null : ProductName.Rule,
        ["repository of a recipe"] = RecipeRules.RepositoryName,
        ["Debian source"] = name => DebianNames.IsSource(name) ? null : "Source",
        ["Debian version"] = name => DebianNames.IsVersion(name) ? null : "Version",
    };

    /// <summary>By kind: these are values of their own wherever they go, and may hold what a path, a list or a sentence needs.</summary>
    private static readonly Dictionary<string, Func<string, string?>> Values = new(StringComparer.Ordinal)
    {
        ["mail address"] = JobRules.Address,
        ["file"] = JobRules.FileName,
        ["file of a source"] = PlainName.Fault,
        ["suite or component of a recipe"] = RecipeRules.Word,
        ["package of a recipe"] = RecipeRules.Package,
        ["URL of a recipe"] = RecipeRules.Url,
        ["keyring of a recipe"] = RecipeRules.File,
        ["repository of a Debian recipe"] = name => RecipeRules.Repository(PackageFormat.Debian, name),
    };

    public static TheoryData<string> WordKinds => [.. Words.Keys];

    public static TheoryData<string> ValueKinds => [.. Values.Keys];

    [Fact]
    public void There_are_two_hundred_names_and_more() =>
        HostileNames.All.Distinct(StringComparer.Ordinal).Should().HaveCountGreaterThanOrEqualTo(350);

    [Theory]
    [MemberData(nameof(WordKinds))]
    public void What_is_accepted_is_one_plain_word(string kind)
    {
        var accepted = HostileNames.Accepted(name => Words[kind](name) is null);

        accepted.Should().OnlyContain(name => HostileNames.IsPlainWord(name), "of {0}", kind);
        accepted.Should().NotBeEmpty("a rule that refuses all would pass for the wrong reason");
    }

    [Theory]
    [MemberData(nameof(ValueKinds))]
    public void What_is_accepted_is_one_value_and_no_option(string kind)
    {
        var accepted = HostileNames.Accepted(name => Values[kind](name) is null);

        accepted.Should().OnlyContain(name => name.Length > 0 && name[0] != '-' && !name.Any(char.IsControl), kind);
        accepted.Should().HaveCountLessThan(HostileNames.All.Count / 2 + HostileNames.All.Count / 4, "of {0}", kind);
    }

    [Theory]
    [MemberData(nameof(WordKinds))]
    [MemberData(nameof(ValueKinds))]
    public void What_is_refused_is_told_the_rule(string kind)
    {
        var rule = Words.GetValueOrDefault(kind) ?? Values[kind];

        foreach (var complaint in HostileNames.All.Select(rule).OfType<string>())
            complaint.Should().HaveLength(complaint.Trim().Length).And.MatchRegex("[a-z]{3}", "of {0}", kind);
    }

    [Fact]
    public void A_platform_is_chosen_by_its_name_and_by_nothing_that_only_holds_it()
    {
        var platform = new Platform(new("bookworm", "amd64"), PackageFormat.Debian, Active: true, Auto: false);
        var selection = new PlatformSelection([platform], new HashSet<PackageFormat> { PackageFormat.Debian });
        foreach (var name in HostileNames.All.Where(name => !PlatformWords.IsOfTheLanguage(name.Trim())))
        {
            var result = selection.Select([name], []);

            result.IsValid.Should().BeFalse("of '{0}'", name);
            result.Error.Should().NotContainAny("\n", "\u001b", "\0");
        }
    }

    [Fact]
    public void Names_in_a_dsc_are_refused_with_the_field()
    {
        using var set = new DscSet();
        foreach (var name in HostileNames.All.Where(name => !name.Contains('\0')))
        {
            var text = set.Text.Replace("Source: tiny", $"Source: {name}", StringComparison.Ordinal);
            var result = set.Validate(text);

            result.IsValid.Should().BeFalse("of '{0}'", name);
            result.ToString().Should().NotContainAny("\n", "\u001b", "\0");
        }
    }

    [Theory]
    [InlineData(RpmTag.Name)]
    [InlineData(RpmTag.Version)]
    [InlineData(RpmTag.Release)]
    public void Names_and_versions_in_an_srpm_are_plain_or_refused(uint tag)
    {
        using var scratch = new Scratch();
        foreach (var name in HostileNames.All.Where(name => !name.Contains('\0')))
        {
            var source = new SourceRpm(
                scratch.Write("crafted.src.rpm", RpmBytes.V4().With(header => header.Text(tag, name)).ToArray())
            );
            if (source.Validate().IsValid)
                HostileNames.IsPlainWord(name).Should().BeTrue("of '{0}'", name);
        }
    }

    private static string? Complaint(Action action)
    {
        try
        {
            action();
            return null;
        }
        catch (Cli.CommandException e)
        {
            return e.Message;
        }
    }
}
