using AwesomeAssertions;
using PkgForge.Platforms;
using PkgForge.Sources;
using Xunit;

namespace PkgForge.Tests.Platforms;

public sealed class PlatformSelectionTests
{
    private static readonly Platform[] Registered =
    [
        Some("sid", "amd64", PackageFormat.Debian),
        Some("bookworm", "arm64", PackageFormat.Debian),
        Some("bookworm", "amd64", PackageFormat.Debian),
        Some("trixie", "amd64", PackageFormat.Debian, auto: false),
        Some("buster", "amd64", PackageFormat.Debian, active: false),
        Some("f43", "x86_64", PackageFormat.Rpm),
    ];

    private static Platform Some(
        string name,
        string arch,
        PackageFormat format,
        bool active = true,
        bool auto = true
    ) => new(new(name, arch), format, active, auto);

    private static SelectionResult Select(string[] platforms, string[] architectures, params PackageFormat[] formats) =>
        new PlatformSelection(
            Registered,
            formats.Length == 0 ? new HashSet<PackageFormat> { PackageFormat.Debian } : formats.ToHashSet()
        ).Select(platforms, architectures);

    private static string Selected(SelectionResult result) => string.Join(' ', result.Selected);

    [Theory]
    [InlineData("", "bookworm-amd64 bookworm-arm64 sid-amd64")]
    [InlineData("auto", "bookworm-amd64 bookworm-arm64 sid-amd64")]
    [InlineData("all", "bookworm-amd64 bookworm-arm64 sid-amd64 trixie-amd64")]
    [InlineData("ALL", "bookworm-amd64 bookworm-arm64 sid-amd64 trixie-amd64")]
    [InlineData("trixie", "trixie-amd64")]
    [InlineData("Trixie,SID", "sid-amd64 trixie-amd64")]
    [InlineData("auto,trixie", "bookworm-amd64 bookworm-arm64 sid-amd64 trixie-amd64")]
    [InlineData("!sid", "bookworm-amd64 bookworm-arm64")]
    [InlineData("!Sid", "bookworm-amd64 bookworm-arm64")]
    [InlineData("all,!sid", "bookworm-amd64 bookworm-arm64 trixie-amd64")]
    [InlineData("!sid,all", "bookworm-amd64 bookworm-arm64 trixie-amd64")]
    [InlineData("bookworm, !sid", "bookworm-amd64 bookworm-arm64")]
    [InlineData("bookworm,sid,!sid", "bookworm-amd64 bookworm-arm64")]
    public void Platforms_are_chosen_by_the_language(string words, string expected)
    {
        var result = Select(words.Length == 0 ? [] : [words], []);

        result.Error.Should().BeNull();
        result.Warnings.Should().BeEmpty();
        Selected(result).Should().Be(expected);
    }

    [Theory]
    [InlineData("all", "bookworm-amd64 bookworm-arm64 sid-amd64")]
    [InlineData("auto", "bookworm-amd64 bookworm-arm64 sid-amd64")]
    [InlineData("AMD64", "bookworm-amd64 sid-amd64")]
    [InlineData("!amd64", "bookworm-arm64")]
    [InlineData("all,!arm64", "bookworm-amd64 sid-amd64")]
    public void Architectures_filter_what_the_platforms_gave(string words, string expected) =>
        Selected(Select([], [words])).Should().Be(expected);

    [Fact]
    public void Several_options_are_one_list() =>
        Selected(Select(["sid", "trixie"], [])).Should().Be("sid-amd64 trixie-amd64");

    [Fact]
    public void A_job_of_srpms_makes_no_task_on_debian() =>
        Selected(Select(["all"], [], PackageFormat.Rpm)).Should().Be("f43-x86_64");

    [Fact]
    public void A_job_of_both_makes_tasks_on_both() =>
        Selected(Select(["sid,f43"], [], PackageFormat.Rpm, PackageFormat.Debian)).Should().Be("f43-x86_64 sid-amd64");

    [Theory]
    [InlineData("sid,warty", "there is no platform 'warty'")]
    [InlineData("!warty", "there is no platform 'warty'")]
    [InlineData("sid,buster", "platform 'buster' is not active")]
    [InlineData("sid,f43", "platform 'f43' does not build Debian sources")]
    public void A_name_that_cannot_be_had_is_a_warning_when_others_match(string words, string warning)
    {
        var result = Select([words], []);

        result.IsValid.Should().BeTrue();
        result.Warnings.Should().Equal(warning);
    }

    [Theory]
    [InlineData("sid", "amd64,s390x", "there is no platform with architecture 's390x'")]
    [InlineData("sid", "amd64,arm64", "none of the platforms asked for has architecture 'arm64'")]
    public void An_architecture_that_cannot_be_had_is_a_warning(string platforms, string archs, string warning) =>
        Select([platforms], [archs]).Warnings.Should().Equal(warning);

    [Fact]
    public void Sources_that_no_selected_platform_builds_are_a_warning() =>
        Select(["sid"], [], PackageFormat.Rpm, PackageFormat.Debian)
            .Warnings.Should()
            .Equal("no selected platform builds the Rpm sources of this job");

    [Fact]
    public void Nothing_matched_says_what_was_asked_for_and_what_there_is()
    {
        var result = Select(["f43,warty"], ["amd64"]);

        result.IsValid.Should().BeFalse();
        result.Selected.Should().BeEmpty();
        result
            .Error.Should()
            .StartWith("no platform matches platforms 'f43, warty' and architectures 'amd64' for Debian sources")
            .And.Contain("there is no platform 'warty'; platform 'f43' does not build Debian sources")
            .And.EndWith(
                "active platforms are: bookworm amd64 (Debian, auto), bookworm arm64 (Debian, auto), "
                    + "f43 x86_64 (Rpm, auto), sid amd64 (Debian, auto), trixie amd64 (Debian)"
            );
    }

    [Fact]
    public void A_farm_without_platforms_says_so() =>
        new PlatformSelection([], new HashSet<PackageFormat> { PackageFormat.Rpm })
            .Select([], [])
            .Error.Should()
            .Be(
                "no platform matches platforms 'auto' and architectures 'auto' for Rpm sources; active platforms are: none"
            );

    [Theory]
    [InlineData("!", "'!' alone")]
    [InlineData("", "an empty word")]
    [InlineData("sid,,bookworm", "an empty word")]
    [InlineData("sid,", "an empty word")]
    [InlineData("!all", "excludes a whole set")]
    [InlineData("!!sid", "is not a name")]
    [InlineData("../x", "is not a name")]
    [InlineData("a\nb", "'a?b' for platforms is not a name")]
    public void A_word_that_is_no_word_is_refused(string word, string expected)
    {
        Select([word], []).Error.Should().Contain(expected);
        Select([], [word]).Error.Should().Contain(expected.Replace("platforms", "architectures"));
    }
}
