using AwesomeAssertions;
using CsCheck;
using PkgForge.Server.Handlers;
using PkgForge.Sources;
using Xunit;

namespace PkgForge.Tests.Handlers;

public sealed class SourceGraphTests
{
    // Sources that each make up to three of ten packages, and need up to four groups of them.
    private static readonly Gen<SourceRelations[]> Jobs = Gen.Select(
        Gen.Int[0, 9].Select(i => $"p{i}").Array[0, 3],
        Gen.Int[0, 9].Select(i => $"p{i}").Array[1, 3].Array[0, 4],
        (makes, needs) => new SourceRelations(makes, needs)
    ).Array[1, 12];

    [Fact]
    public void A_source_comes_after_those_that_it_needs_and_the_rest_stays_where_it_was()
    {
        var graph = Graph("app: app < lib-dev", "other: x", "lib: lib-dev lib < base", "base: base", "last: y");

        graph.Sort().Should().Equal([1, 3, 2, 0, 4], "the first of the job that may come next does");
        graph.FindCycle().Should().BeEmpty();
        graph.NeedsOf(0).Should().Equal(new SourceNeed(0, "lib-dev", 2));
    }

    [Fact]
    public void The_first_alternative_that_the_job_makes_counts_and_no_later_one()
    {
        var graph = Graph("app: < elsewhere|b|c", "c: c", "b: b");

        graph.NeedsOf(0).Should().Equal(new SourceNeed(0, "b", 2));
    }

    [Fact]
    public void What_a_source_makes_itself_it_needs_of_nobody()
    {
        var graph = Graph("gcc-2: gcc < gcc", "gcc-1: gcc < gcc", "self: self < self|gcc");

        graph.Sort().Should().Equal(0, 1, 2);
        graph.NeedsOf(2).Should().BeEmpty("its first alternative is its own");
    }

    [Fact]
    public void A_package_that_two_sources_make_is_waited_for_until_both_are_built()
    {
        var graph = Graph("app: < lib", "lib-1: lib", "lib-2: lib");

        graph.Sort().Should().Equal(1, 2, 0);
    }

    [Fact]
    public void A_cycle_is_told_by_its_needs_from_its_first_source_on()
    {
        var graph = Graph("user: < a", "b: b-dev < a-tools", "fine: fine", "a: a a-tools < b-dev|x");

        graph.Sort().Should().Equal(2);
        graph.FindCycle().Should().Equal(new SourceNeed(1, "a-tools", 3), new SourceNeed(3, "b-dev", 1));
    }

    [Fact]
    public void Every_order_is_the_first_of_all_that_keep_the_needs_or_there_is_a_cycle() =>
        Jobs.Sample(
            job =>
            {
                var graph = new SourceGraph(job);
                var (sorted, cycle) = (graph.Sort(), graph.FindCycle());

                sorted.Should().OnlyHaveUniqueItems();
                (cycle.Count == 0).Should().Be(sorted.Count == job.Length);
                var left = Enumerable.Range(0, job.Length).ToList();
                foreach (var source in sorted)
                {
                    left.First(other => !graph.NeedsOf(other).Any(need => left.Contains(need.Maker)))
                        .Should()
                        .Be(source, "it is the first that may come next");
                    left.Remove(source);
                }
                foreach (var (need, next) in cycle.Zip(cycle.Skip(1).Concat(cycle.Take(1))))
                {
                    need.Maker.Should().Be(next.Source);
                    job[need.Maker].Makes.Should().Contain(need.Package);
                    job[need.Source].Makes.Should().NotContain(need.Package);
                    job[need.Source].Needs.Should().Contain(group => group.Contains(need.Package));
                    sorted.Should().NotContain(need.Source);
                }
                cycle.Select(need => need.Source).Should().OnlyHaveUniqueItems();
            },
            iter: 2000
        );

    [Fact]
    public void A_thousand_sources_that_all_need_the_later_ones_are_sorted_at_once()
    {
        var chain = Enumerable
            .Range(0, 1000)
            .Select(i => new SourceRelations(
                [$"p{i}"],
                [.. Enumerable.Range(i + 1, 999 - i).Select(need => new[] { $"p{need}" })]
            ))
            .ToList();
        var graph = new SourceGraph(chain);

        graph.Sort().Should().Equal(Enumerable.Range(0, 1000).Reverse());
    }

    /// <summary><c>NAME: MAKES... &lt; NEEDS|OR...</c></summary>
    private static SourceGraph Graph(params string[] sources) =>
        new([
            .. sources.Select(source =>
            {
                var parts = source[(source.IndexOf(':', StringComparison.Ordinal) + 1)..].Split('<');
                string[] Words(int part) =>
                    part < parts.Length ? parts[part].Split(' ', StringSplitOptions.RemoveEmptyEntries) : [];
                return new SourceRelations(Words(0), [.. Words(1).Select(group => group.Split('|'))]);
            }),
        ]);
}
