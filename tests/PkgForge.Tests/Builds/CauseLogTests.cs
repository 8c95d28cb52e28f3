using AwesomeAssertions;
using PkgForge.Registry;
using PkgForge.Server.Builds;
using PkgForge.Server.Builds.Failures;
using PkgForge.Server.Builds.Logs;
using Xunit;

namespace PkgForge.Tests.Builds;

/// <summary>
/// Causes are found in real logs of failures that were made on purpose (tests/causes). Rules may be written from one half of them; the other
/// half is for measuring.
/// </summary>
public sealed class CauseLogTests(ITestOutputHelper output) : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("pkgforge-test-").FullName;

    [Theory]
    [InlineData(0, 97)]
    [InlineData(1, 94)]
    public void As_many_causes_are_right_as_when_that_was_measured(int half, int right)
    {
        var wrong = new List<string>();
        var found = 0;
        foreach (var labelled in LabelledLog.All.Where(log => log.IsByRules && log.Half == half))
        {
            var cause = Judge(labelled).Cause!.Value.Name();
            if (cause == labelled.Label)
                found++;
            else
                wrong.Add($"{labelled.Name}: {labelled.Label}, found {cause}");
        }
        output.WriteLine($"{found} of {found + wrong.Count} right; wrong: {string.Join("; ", wrong)}");
        found.Should().BeGreaterThanOrEqualTo(right, "wrong are {0}", string.Join("; ", wrong));
    }

    [Fact]
    public void The_set_is_large_and_has_every_cause_that_a_package_can_be_broken_to_have()
    {
        LabelledLog.All.Should().HaveCountGreaterThanOrEqualTo(150);
        var causes = Enum.GetValues<Cause>().Except([Cause.Unknown, Cause.Check]).Select(cause => cause.Name());
        LabelledLog.All.Select(log => log.Label).Distinct().Should().BeEquivalentTo(causes);
    }

    [Fact]
    public void At_most_half_of_it_was_there_to_write_rules_from()
    {
        var byRules = LabelledLog.All.Where(log => log.IsByRules).ToList();

        (byRules.Count(log => log.Half == 0) * 2).Should().BeLessThanOrEqualTo(byRules.Count);
    }

    [Fact]
    public void Dependencies_that_cannot_be_had_are_named_by_the_evidence()
    {
        foreach (var labelled in LabelledLog.All.Where(log => log.Step == "dependencies"))
        {
            var outcome = Judge(labelled);
            outcome.Cause.Should().Be(Cause.UnsatisfiableDependency);
            outcome.Evidence.Should().MatchRegex("nosuch|99", "of {0}", labelled.Name);
        }
    }

    [Fact]
    public void The_evidence_of_every_log_stands_where_its_place_says()
    {
        foreach (var labelled in LabelledLog.All.Where(log => log.End != "stopped"))
        {
            var outcome = Judge(labelled);
            output.WriteLine($"{labelled.Half} {labelled.Name}: {outcome.Evidence}");
            var shown = LogExcerpt.Read(PathOf(labelled), outcome.Place!).Single(line => line.IsEvidence);
            shown.Number.Should().Be(outcome.Place!.Line);
            shown.Text.Trim().Should().StartWith(outcome.Evidence, "of {0}", labelled.Name);
            var line = File.ReadLines(PathOf(labelled)).ElementAt((int)shown.Number - 1);
            LogText.Plain(line).Should().Contain(outcome.Evidence, "of {0}", labelled.Name);
        }
    }

    public void Dispose() => Directory.Delete(directory, recursive: true);

    private string PathOf(LabelledLog labelled) => $"{directory}/{labelled.Name}";

    private BuildOutcome Judge(LabelledLog labelled)
    {
        using var log = new BuildLog(PathOf(labelled), 1 << 20, TimeProvider.System);
        log.Say("a line of the farm before it");
        return labelled.Judge(log);
    }
}
