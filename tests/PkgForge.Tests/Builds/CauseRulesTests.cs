using System.Text;
using System.Text.RegularExpressions;
using AwesomeAssertions;
using PkgForge.Registry;
using PkgForge.Server.Builds;
using PkgForge.Server.Builds.Failures;
using PkgForge.Server.Builds.Logs;
using PkgForge.Sources;
using Xunit;

namespace PkgForge.Tests.Builds;

public sealed class CauseRulesTests
{
    [Fact]
    public void Every_rule_of_the_farm_applies_to_each_of_its_examples()
    {
        CauseRules.OfFarm.All.Should().HaveCountGreaterThan(10);
        foreach (var rule in CauseRules.OfFarm.All.Where(rule => rule.Line is not null))
        {
            rule.Examples.Should().NotBeEmpty("line {0}", rule.Place);
            foreach (var example in rule.Examples)
                rule.Applies(FailureOf(rule, example)).Should().BeTrue("line {0}: {1}", rule.Place, example);
            rule.Applies(FailureOf(rule, "all is well")).Should().BeFalse("line {0}", rule.Place);
        }
    }

    [Fact]
    public void An_example_has_the_cause_of_its_rule_whatever_rules_stand_before_it()
    {
        foreach (var rule in CauseRules.OfFarm.All)
        foreach (var example in rule.Examples)
            CauseRules
                .OfFarm.Find(FailureOf(rule, example))
                .Cause.Should()
                .Be(rule.Cause, "line {0}: {1}", rule.Place, example);
    }

    [Fact]
    public void No_pattern_goes_back_in_a_line()
    {
        foreach (var rule in CauseRules.OfFarm.All.Where(rule => rule.Line is not null))
            rule.Line!.Options.Should().HaveFlag(RegexOptions.NonBacktracking, "line {0}", rule.Place);
    }

    [Fact]
    public void A_hostile_log_takes_no_long_time()
    {
        var (rules, error) = Read("rules: [ { cause: compile, line: '^(a+)+$|(.*a){20}x', examples: [aa] } ]");
        error.Should().BeNull();
        var lines = new List<string> { new('a', 60_000), string.Concat(Enumerable.Repeat("==>a:1:1:", 6_000)) };
        var started = TimeProvider.System.GetTimestamp();

        rules!.Find(Failure([lines[0] + "!", lines[1]]));
        CauseRules.OfFarm.Find(Failure([lines[0] + "!", lines[1]]));

        TimeProvider.System.GetElapsedTime(started).Should().BeLessThan(TimeSpan.FromSeconds(20));
    }

    [Theory]
    [InlineData("build", 137, Cause.OutOfMemory)]
    [InlineData("build", 1, Cause.Unknown)]
    [InlineData("unpack", 1, Cause.Patch)]
    [InlineData("dependencies", 100, Cause.UnsatisfiableDependency)]
    public void The_step_and_its_exit_code_tell_where_no_line_does(string step, int exit, Cause cause) =>
        CauseRules
            .OfFarm.Find(new(step, PackageFormat.Debian, exit, [new("nothing", new(5, 2))]))
            .Should()
            .Be((cause, new LogLine("nothing", new(5, 2))));

    [Fact]
    public void The_evidence_is_the_first_line_of_the_best_kind()
    {
        var failure = Failure([
            "main.c:1:1: warning: x",
            "main.c:3:5: error: first",
            "main.c:4:5: error: second",
            "dh_auto_build: error: make -j2 returned exit code 2",
        ]);
        var (cause, evidence) = CauseRules.OfFarm.Find(failure);
        (cause, evidence!.Text).Should().Be((Cause.Compile, "main.c:3:5: error: first"));
    }

    [Theory]
    [InlineData(
        "rules: [ { cause: moon, step: [build] } ]",
        "*line 1: rule: cause is 'moon'; expected one of unknown, *"
    )]
    [InlineData("rules: [ { cause: test } ]", "*every failure*")]
    [InlineData("rules: [ { cause: test, line: x } ]", "*no example*")]
    [InlineData("rules: [ { cause: test, line: x, examples: [y] } ]", "*'y' does not match*")]
    [InlineData(
        "rules: [ { cause: test, line: '(x', examples: [x] } ]",
        "*line is '(x'; expected a regular expression*"
    )]
    [InlineData("rules: [ { cause: test, line: '(x)\\1', examples: [xx] } ]", "*regular expression without back ref*")]
    [InlineData("rules: [ { cause: test, line: 'x(?=y)', examples: [xy] } ]", "*regular expression without back ref*")]
    [InlineData("rules: [ { cause: test, step: [install] } ]", "*expected one of dependencies, unpack, build*")]
    [InlineData("rules: [ { cause: test, step: build } ]", "*a list*")]
    [InlineData("rules: [ { cause: test, format: [deb], step: [build] } ]", "*expected one of debian, rpm*")]
    [InlineData("rules: [ { cause: test, exit: [256] } ]", "*number from 1 to 255*")]
    [InlineData("rules: [ { cause: test, colour: red } ]", "*unknown key 'colour'*")]
    [InlineData("evidence: {}", "*'rules' is missing*")]
    [InlineData("{ rules: [], evidence: { moon: [x] } }", "*unknown key 'moon'*")]
    [InlineData("{ rules: [], evidence: { test: ['(x'] } }", "*regular expression*")]
    public void A_file_of_rules_that_is_wrong_is_refused_with_the_reason(string text, string message)
    {
        var (rules, error) = Read(text);
        rules.Should().BeNull();
        error.Should().Match(message);
    }

    private static (CauseRules? Rules, string? Error) Read(string text) =>
        CauseRulesFile.Read(Encoding.UTF8.GetBytes(text));

    private static StepFailure Failure(IReadOnlyList<string> lines) =>
        new("build", PackageFormat.Debian, 2, [.. lines.Select((line, i) => new LogLine(line, new(i, i + 1)))]);

    private static StepFailure FailureOf(CauseRule rule, string line) =>
        new(
            rule.Steps is [var step, ..] ? step : "build",
            rule.Formats is [var format, ..] ? format : PackageFormat.Debian,
            rule.ExitCodes is [var exit, ..] ? exit : 2,
            [new(line, new(0, 1))]
        );
}
