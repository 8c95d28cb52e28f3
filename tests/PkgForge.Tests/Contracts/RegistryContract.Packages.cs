using AwesomeAssertions;
using PkgForge.Jobs;
using PkgForge.Registry;
using PkgForge.Sources;
using Xunit;

namespace PkgForge.Tests.Contracts;

public abstract partial class RegistryContract
{
    /// <summary>Names of sources that are hard to take apart.</summary>
    private static readonly string[] StrangeSources =
    [
        "hello_2.10-3.dsc",
        "a_b_1.0_2.dsc",
        "no-version.dummy",
        "nothing",
        "gtk-doc-1.33.2-4.fc43.src.rpm",
        "x-y.src.rpm",
        "--1.src.rpm",
        "-.src.rpm",
        "libstdc++6_12.2.0-14.dsc",
        "grüße_1.0.dsc",
        "<b>'\"_1.dsc",
        "a.b_1.0.dsc",
        "%_1.dsc",
    ];

    private Task<RegisterOutcome> RegisterOfAsync(string id, params string[] sources) =>
        RegisterAsync(NewJob(id), job => job with { Sources = sources });

    private async Task<IReadOnlyList<string>> PackageNamesAsync(PackageQuery query) =>
        [.. (await Registry.ListPackagesAsync(query, Cancel)).Select(package => package.Name)];

    [Fact]
    public async Task Source_packages_are_listed_by_name_with_their_last_job()
    {
        await RegisterOfAsync("one", "hello_2.10-2.dsc", "world-1-1.src.rpm");
        await RegisterOfAsync("two", "hello_2.10-3.dsc");
        await CancelJobAsync("two");

        var all = await Registry.ListPackagesAsync(new(), Cancel);

        all.Select(package => (package.Name, package.Version, package.Job.ToString(), package.State))
            .Should()
            .Equal(("hello", "2.10-3", "two", JobState.Cancelled), ("world", "1-1", "one", JobState.Registered));
        all[0].Registered.Should().BeCloseTo(TimeProvider.System.GetUtcNow(), Long);
        (await PackageNamesAsync(new(Limit: 1))).Should().Equal("hello");
        (await PackageNamesAsync(new(After: "hello", Limit: 1))).Should().Equal("world");
        (await PackageNamesAsync(new(After: "world"))).Should().BeEmpty();
    }

    [Fact]
    public async Task Source_packages_are_found_by_a_part_of_their_names_that_means_itself()
    {
        await RegisterOfAsync("one", "hello_1.dsc", "LibFoo-1-1.src.rpm", "100%_1.dsc", "back\\slash_1.dsc");

        (await PackageNamesAsync(new("ELL"))).Should().Equal("hello");
        (await PackageNamesAsync(new("libf"))).Should().Equal("LibFoo");
        (await PackageNamesAsync(new("%"))).Should().Equal("100%");
        (await PackageNamesAsync(new("\\"))).Should().Equal("back\\slash");
        foreach (var text in new[] { "_", "l%o", "' OR true --", "nothing" })
            (await PackageNamesAsync(new(text))).Should().BeEmpty("of {0}", text);
        (await PackageNamesAsync(new("l", After: "back"))).Should().Equal("back\\slash", "hello");
    }

    [Fact]
    public async Task A_source_package_is_shown_over_time_and_platforms()
    {
        var builder = await BuilderAsync();
        await RegisterAsync("one", Bookworm, Fedora);
        var claim = await ClaimAsync(builder);
        await Registry.RequeueAsync(claim.Lease, AttemptOutcome.Interrupted, "stopped", null, Cancel);
        await FinishAsync(await ClaimAsync(builder), BuildTaskState.Fail);
        await RegisterOfAsync("two", "hello_2.10-4.dsc");
        await ClaimAsync(builder);

        var found = (await Registry.FindPackageAsync("hello", null, 10, Cancel))!;

        found
            .Builds.Select(build => (build.Version, build.Job.Id.ToString()))
            .Should()
            .Equal(("2.10-4", "two"), ("2.10-3", "one"));
        var running = found.Builds[0].Tasks.Single();
        (running.State, running.Attempt, running.Ended).Should().Be((BuildTaskState.Building, 1, null));
        running.Started.Should().BeCloseTo(TimeProvider.System.GetUtcNow(), Long);
        found.Builds[1].Tasks.Select(task => task.Platform).Should().Equal(Bookworm, Fedora);
        var failed = found.Builds[1].Tasks[0];
        (failed.State, failed.Attempt).Should().Be((BuildTaskState.Fail, 2));
        failed.Ended.Should().BeOnOrAfter(failed.Started!.Value);
        var waiting = found.Builds[1].Tasks[1];
        (waiting.State, waiting.Attempt, waiting.Started).Should().Be((BuildTaskState.NeedsBuild, 0, null));
        found.Published.Should().BeEmpty();
        (await Registry.FindPackageAsync("hello", null, 1, Cancel))!.Builds.Should().ContainSingle();
        (await Registry.FindPackageAsync("hello", JobId.Parse("two"), 10, Cancel))!
            .Builds.Should()
            .ContainSingle()
            .Which.Job.Id.Should()
            .Be(JobId.Parse("one"));
        (await Registry.FindPackageAsync("Hello", null, 10, Cancel)).Should().BeNull();
    }

    [Fact]
    public async Task What_was_promoted_is_known_in_its_new_bucket_and_noting_it_twice_is_noting_it_once()
    {
        var builder = await BuilderAsync();
        await RegisterAsync("one");
        await PublishAsync(builder, new() { ["a_1.deb"] = "hello_2.10-3.dsc" });

        for (var times = 0; times < 2; times++)
            await Registry.NotePublishedAsync(
                JobId.Parse("one"),
                Bookworm,
                "other",
                new Dictionary<string, string?>(StringComparer.Ordinal)
                {
                    ["a_1.deb"] = "hello_2.10-3.dsc",
                    ["none.deb"] = null,
                },
                Cancel
            );

        var files = await Registry.FindPublishedAsync("other", Bookworm, ["a_1.deb", "none.deb"], Cancel);
        var file = files.Should().ContainSingle().Subject;
        (file.Publisher.ToString(), file.Package, file.Version, file.Sha256)
            .Should()
            .Be((new Publisher(JobId.Parse("one"), Bookworm, 1).ToString(), "hello", "2.10-3", OtherSha));
        (await Registry.FindPublishedAsync("main", Bookworm, ["a_1.deb"], Cancel)).Should().ContainSingle();
        (await Registry.FindPackageAsync("hello", null, 10, Cancel))!
            .Published.Select(version => version.Bucket)
            .Should()
            .BeEquivalentTo("main", "other");
    }

    [Fact]
    public async Task What_a_bucket_took_is_known_by_its_file_and_by_its_package()
    {
        var builder = await BuilderAsync();
        await RegisterAsync("one");
        var first = await PublishAsync(builder, new() { ["a_1.deb"] = "hello_2.10-3.dsc", ["b_1.deb"] = null });
        await RegisterAsync("two");
        var second = await PublishAsync(builder, new() { ["a_1.deb"] = "world-1-1.src.rpm" });

        var files = await Registry.FindPublishedAsync("main", Bookworm, ["a_1.deb", "b_1.deb", "c_1.deb"], Cancel);

        files
            .OrderBy(file => file.FileName, StringComparer.Ordinal)
            .Select(file => (file.FileName, file.Publisher.Job.ToString(), file.Package, file.Version))
            .Should()
            .Equal(("a_1.deb", "two", "world", "1-1"), ("b_1.deb", "one", null, null));
        files.Should().OnlyContain(file => file.Sha256 == OtherSha && file.Publisher.Platform == Bookworm);
        (await Registry.FindPublishedAsync("main", Fedora, ["a_1.deb"], Cancel)).Should().BeEmpty();
        (await Registry.FindPublishedAsync("other", Bookworm, ["a_1.deb"], Cancel)).Should().BeEmpty();
        (await Registry.FindPackageAsync("hello", null, 10, Cancel))!
            .Published.Should()
            .BeEmpty("another took its place");
        (await Registry.FindPackageAsync("world", null, 10, Cancel))!
            .Published.Select(version => (version.Bucket, version.Platform, version.Version, version.Files))
            .Should()
            .Equal(("main", Bookworm, "1-1", 1));
        var publishers = await Registry.FindPublishersAsync([first, second, new(1000, 1)], Cancel);
        publishers
            .ToDictionary(item => item.Key, item => item.Value.ToString())
            .Should()
            .BeEquivalentTo(
                new Dictionary<AttemptKey, string>
                {
                    [first] = new Publisher(JobId.Parse("one"), Bookworm, 1).ToString(),
                    [second] = new Publisher(JobId.Parse("two"), Bookworm, 1).ToString(),
                }
            );
    }

    [Fact]
    public async Task What_was_built_before_the_registry_knew_packages_is_filled_in_alike()
    {
        var builder = await BuilderAsync();
        await RegisterOfAsync("strange", StrangeSources);
        await CancelJobAsync("strange");
        await RegisterOfAsync("one", "hello_2.10-3.dsc");
        await PublishAsync(builder, new() { ["a_1.deb"] = "hello_2.10-3.dsc", ["a_1.deb.txt"] = null });
        await RegisterOfAsync("two", "world-1-1.src.rpm");
        await PublishAsync(builder, new() { ["a_1.deb"] = "world-1-1.src.rpm" });
        await RegisterOfAsync("bad", "hello_2.10-3.dsc");
        await Registry.FinishTaskAsync(
            (await ClaimAsync(builder)).Lease,
            Result(BuildTaskState.Fail) with
            {
                FailedSource = "hello_2.10-3.dsc",
            },
            Cancel
        );
        // An attempt bears the time at which its end began, a file the one at which it was noted, a moment later.
        await ExecuteAsync(
            """
            DELETE FROM published WHERE file_name = 'a_1.deb.txt';
            UPDATE published SET at = (SELECT ended FROM attempt WHERE attempt.task = published.task AND attempt.number = published.attempt)
            """
        );
        var before = await EverythingOfPackagesAsync(Registry);
        await ExecuteAsync(
            """
            DROP TABLE published; DROP TABLE day_sum; DROP TABLE job_package; DROP TABLE package;
            DROP INDEX attempt_ended; DROP INDEX attempt_failed;
            ALTER TABLE attempt DROP COLUMN package;
            DELETE FROM migration WHERE name = '0004_packages';
            """
        );
        await using var registry = Registries.Open(Options);

        (await registry.MigrateAsync(Cancel)).Should().Equal("0004_packages");

        (await EverythingOfPackagesAsync(registry)).Should().BeEquivalentTo(before);
        (await registry.ListPackagesAsync(new(), Cancel))
            .Select(package => package.Name)
            .Should()
            .BeEquivalentTo(
                StrangeSources
                    .Append("world-1-1.src.rpm")
                    .Select(SourceName.Of)
                    .Where(name => name.Length > 0)
                    .Distinct()
            );
    }

    /// <summary>Ends the next task of a builder; the bucket took these files.</summary>
    private async Task<AttemptKey> PublishAsync(BuilderSession builder, Dictionary<string, string?> files)
    {
        var task = await ClaimAsync(builder);
        var result = Result(BuildTaskState.Success) with
        {
            Products = [.. files.Keys.Select(name => new Product(name, 9, OtherSha))],
            Published = files,
        };
        (await Registry.FinishTaskAsync(task.Lease, result, Cancel)).Should().BeTrue();
        return task.Lease.Attempt;
    }

    private static async Task<object> EverythingOfPackagesAsync(IRegistry registry)
    {
        var packages = await registry.ListPackagesAsync(new(), Cancel);
        var histories = new List<PackageHistory?>();
        foreach (var package in packages)
            histories.Add(await registry.FindPackageAsync(package.Name, null, 100, Cancel));
        var statistics = await registry.ReadStatisticsAsync(StatisticsWindow.Day, Cancel);
        return new
        {
            packages,
            histories,
            Files = await registry.FindPublishedAsync("main", Bookworm, ["a_1.deb", "a_1.deb.txt"], Cancel),
            statistics.Failing,
        };
    }
}
