using AwesomeAssertions;
using PkgForge.Jobs;
using PkgForge.Server.Handlers;
using Xunit;

namespace PkgForge.Tests.Handlers;

public sealed class BuildSequenceTests
{
    [Fact]
    public void A_source_that_needs_a_later_one_is_built_after_it()
    {
        var (built, failed, tries) = Run(
            OnError.Retry,
            ["app", "lib"],
            (source, done) => source != "app" || done.Contains("lib")
        );

        built.Should().Equal("lib", "app");
        failed.Should().BeEmpty();
        tries.Should().Equal("app", "lib", "app");
    }

    [Fact]
    public void A_source_is_not_tried_again_when_nothing_has_succeeded_since()
    {
        var (built, failed, tries) = Run(OnError.Retry, ["a", "bad", "b"], (source, _) => source != "bad");

        built.Should().Equal("a", "b");
        failed.Should().Equal("bad");
        tries.Should().Equal("a", "bad", "b", "bad");
    }

    [Fact]
    public void Sources_that_all_fail_are_tried_once_each()
    {
        var (_, failed, tries) = Run(OnError.Retry, ["a", "b"], (_, _) => false);

        failed.Should().Equal("a", "b");
        tries.Should().Equal("a", "b");
    }

    [Fact]
    public void Stop_ends_at_the_first_failure_and_names_what_was_not_tried()
    {
        var sequence = new BuildSequence<string>(["a", "bad", "c"], OnError.Stop);
        while (sequence.TryNext(out var source))
            sequence.Report(source, source != "bad");

        sequence.Built.Should().Equal("a");
        sequence.Failed.Should().Equal("bad");
        sequence.Untried.Should().Equal("c");
    }

    [Fact]
    public void A_source_that_turns_out_to_need_another_is_put_after_it_and_has_not_failed()
    {
        var sequence = new BuildSequence<string>(["late", "a", "lib"], OnError.Stop);
        sequence.TryNext(out var late);
        sequence.Postpone(late, ["lib"]).Should().BeTrue();
        var built = new List<string>();
        while (sequence.TryNext(out var source))
        {
            built.Add(source);
            sequence.Report(source, succeeded: true);
        }

        built.Should().Equal("a", "lib", "late");
        sequence.Failed.Should().BeEmpty();
    }

    [Fact]
    public void A_source_is_not_put_after_one_that_waits_for_it()
    {
        var sequence = new BuildSequence<string>(
            ["lib", "tool", "app"],
            OnError.Retry,
            source =>
                source == "app" ? ["tool"]
                : source == "tool" ? ["lib"]
                : []
        );
        sequence.TryNext(out var lib);

        sequence.Postpone(lib, ["app"]).Should().BeFalse();
    }

    [Fact]
    public void A_chain_in_the_worst_order_is_built_in_the_end()
    {
        string[] chain = ["e", "d", "c", "b", "a"];
        var (built, failed, _) = Run(
            OnError.Retry,
            chain,
            (source, done) => source == "a" || done.Contains(((char)(source[0] - 1)).ToString())
        );

        built.Should().Equal("a", "b", "c", "d", "e");
        failed.Should().BeEmpty();
    }

    [Fact]
    public void A_source_is_not_tried_before_those_that_it_needs_are_built()
    {
        var (built, failed, tries) = Run(
            OnError.Retry,
            ["flaky", "app", "late"],
            (source, done) => source != "flaky" || done.Contains("late"),
            source => source == "app" ? ["flaky"] : []
        );

        built.Should().Equal("late", "flaky", "app");
        failed.Should().BeEmpty();
        tries.Should().Equal("flaky", "late", "flaky", "app");
    }

    [Theory]
    [InlineData(OnError.Retry, "good")]
    [InlineData(OnError.Stop)]
    public void A_source_that_needs_one_that_fails_is_never_tried(OnError onError, params string[] expected)
    {
        IEnumerable<string> Needs(string source) =>
            source switch
            {
                "app" => ["lib"],
                "top" => ["app", "good"],
                _ => [],
            };
        var sequence = new BuildSequence<string>(["lib", "app", "good", "top"], onError, Needs);
        while (sequence.TryNext(out var source))
            sequence.Report(source, source != "lib");

        sequence.Built.Should().Equal(expected);
        sequence.Failed.Should().Equal("lib");
        sequence.Untried.Should().Contain(["app", "top"]);
        sequence.WaitsFor("app").Should().Equal("lib");
    }

    [Fact]
    public void Sources_that_do_not_need_each_other_are_given_at_once()
    {
        var sequence = new BuildSequence<string>(
            ["a", "b", "app"],
            OnError.Retry,
            source => source == "app" ? ["a", "b"] : []
        );

        Given(sequence).Should().Equal("a", "b");
        sequence.Report("b", succeeded: false);
        Given(sequence).Should().BeEmpty("nothing has succeeded since b was begun");
        sequence.Report("a", succeeded: true);
        Given(sequence).Should().Equal(["b"], "what a makes was not there for it");
        sequence.Report("b", succeeded: true);
        Given(sequence).Should().Equal("app");

        static List<string> Given(BuildSequence<string> sequence)
        {
            var given = new List<string>();
            while (sequence.TryNext(out var source))
                given.Add(source);
            return given;
        }
    }

    private static (List<string> Built, List<string> Failed, List<string> Tries) Run(
        OnError onError,
        string[] sources,
        Func<string, List<string>, bool> build,
        Func<string, IEnumerable<string>>? needs = null
    )
    {
        var sequence = new BuildSequence<string>(sources, onError, needs);
        var tries = new List<string>();
        while (sequence.TryNext(out var source))
        {
            tries.Add(source);
            sequence.Report(source, build(source, sequence.Built));
        }
        return (sequence.Built, [.. sequence.Failed], tries);
    }
}
