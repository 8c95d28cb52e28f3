using AwesomeAssertions;
using PkgForge.EndToEnd.Farms;
using Xunit;

namespace PkgForge.EndToEnd;

/// <summary>What <c>submit</c> and <c>incoming</c> do not take.</summary>
public sealed class JobRefusalTests : FarmTests
{
    [Fact]
    public async Task An_id_that_is_none_is_refused_by_every_command()
    {
        var farm = await MakeFarmAsync();
        var source = farm.Script("a", "print a");
        string[] bad = ["a/b", "..", ".hidden", "-dash", "white space", "line\nfeed", "ä", new('x', 51)];
        foreach (var id in bad)
        {
            var result = await farm.TryAsync("submit", "-B", "main", $"--id={id}", source);
            result.ExitCode.Should().Be(2, "'{0}' is not an id, but: {1}", id, result);
            result.Error.Should().Contain("not a job id").And.Contain("1 to 50");
        }
        (await farm.TryAsync("submit", "-B", "main", "--id=", source)).ExitCode.Should().Be(2);
        (await farm.TryAsync("status", "a/b")).ExitCode.Should().Be(2);
        (await farm.TryAsync("cancel", "a/b")).ExitCode.Should().Be(2);
        (await farm.TryAsync("log", "a/b")).ExitCode.Should().Be(2);
        (await farm.TryAsync("retry", "a/b")).ExitCode.Should().Be(2);
        farm.Files("spool/incoming").Should().BeEmpty();
    }

    [Fact]
    public async Task The_longest_id_and_strange_good_ones_are_taken()
    {
        var farm = await MakeFarmAsync();
        string[] ids = [new('x', 50), "A.b_c-1", "_", "0"];
        foreach (var id in ids)
            await farm.SubmitAsync(id, farm.Script("a", "print a"));
        await farm.WorkAsync();

        foreach (var id in ids)
            (await farm.StatusAsync(id)).State.Should().Be("successful");
    }

    [Fact]
    public async Task A_bucket_may_be_its_maintainers()
    {
        var farm = await MakeFarmAsync(new() { More = "  guarded: { submit: maintainers }" });
        var me = Executable.User.Name;
        Task SubmitAsync(string id, params string[] more) =>
            farm.DoAsync(["submit", "-B", "guarded", "--id", id, .. more, farm.Script("a", "product a.txt x")]);
        // Who makes a farm is its first admin.
        await farm.DoAsync("account", "add", "zoe", "--role", "admin");
        await farm.DoAsync("account", "role", me, "--role", "submitter");
        await SubmitAsync("first");
        await SubmitAsync("tried", "--scratch");
        await farm.WorkAsync();
        (await farm.StatusAsync("first")).Reason.Should().Contain($"'{me}' is none");
        (await farm.StatusAsync("tried")).State.Should().Be("successful", "it publishes nothing");
        await farm.DoAsync("account", "maintain", me, "guarded");

        await SubmitAsync("second");
        await farm.WorkAsync();

        (await farm.StatusAsync("second")).State.Should().Be("successful");
    }

    [Fact]
    public async Task An_id_is_used_once()
    {
        var farm = await MakeFarmAsync();
        var (first, second) = (farm.Script("first", "print a"), farm.Script("second", "print b"));
        await farm.SubmitAsync("same", first);
        var waiting = await farm.TryAsync("submit", "-B", "main", "--id", "same", second);
        waiting.ExitCode.Should().Be(1);
        waiting.Error.Should().Contain("'same'").And.Contain("choose another id");
        await farm.WorkAsync();
        await farm.SubmitAsync("same", second);
        await farm.WorkAsync();

        var jobs = JobStatus.ParseList(await farm.DoAsync("status", "--json"));
        jobs.Should().HaveCount(2);
        jobs.Single(job => job.Id == "same").State.Should().Be("successful", "the first job keeps its state");
        jobs.Single(job => job.Id != "same").Reason.Should().Contain("'same' is already used");
        farm.Files("spool/accepted").Should().Equal("same/first.dummy", "same/job.yml");
    }

    [Fact]
    public async Task A_bucket_that_is_not_there_makes_a_job_invalid()
    {
        var farm = await MakeFarmAsync();
        await farm.DoAsync("submit", "-B", "nowhere", "--id", "lost", farm.Script("a", "print a"));
        await farm.DoAsync("incoming");

        var job = await farm.StatusAsync("lost");
        job.State.Should().Be("invalid");
        job.Reason.Should().Contain("'nowhere'").And.Contain("main, other");
        (await farm.DoAsync("status", "lost")).Should().Contain("'nowhere'");
        var log = await farm.TryAsync("log", "lost");
        (log.ExitCode, log.Error).Should().Be((1, "pkgforge: the job was rejected: it has no log\n"));
        farm.Files("spool").Should().BeEmpty();
    }

    [Fact]
    public async Task A_platform_that_matches_nothing_is_named_beside_those_that_are_there()
    {
        var farm = await MakeFarmAsync();
        await farm.SubmitAsync("lost", "-p", "atlantis", farm.Script("a", "print a"));
        await farm.DoAsync("incoming");

        var job = await farm.StatusAsync("lost");
        job.State.Should().Be("invalid");
        job.Reason.Should().Contain("atlantis").And.Contain("dummy");
    }

    [Fact]
    public async Task Submit_checks_sources_and_leaves_nothing_of_a_bad_one()
    {
        var farm = await MakeFarmAsync();
        var source = farm.Script("bad", "dance");
        var result = await farm.TryAsync("submit", "-B", "main", source);

        result.ExitCode.Should().Be(1);
        result.Error.Should().Contain("bad.dummy").And.Contain("dance");
        (await farm.TryAsync("submit", "-B", "main", "/nonexistent/x.dummy")).ExitCode.Should().Be(1);
        (await farm.TryAsync("submit", farm.Script("good"))).ExitCode.Should().Be(2, "no bucket is named");
        farm.Files("spool").Should().BeEmpty();
    }
}
