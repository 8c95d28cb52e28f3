using System.Globalization;
using AwesomeAssertions;
using PkgForge.EndToEnd.Farms;

namespace PkgForge.EndToEnd.Faults;

/// <summary>
/// What must hold on a farm whose jobs have ended and whose daemons are stopped, whatever was done to it; looked at from outside: by SQL, by the
/// files, and by <c>pkgforge registry check --deep</c>.
/// </summary>
internal sealed class Invariants(TestFarm farm, string registry)
{
    private const int SuccessOutcome = 1;

    /// <param name="jobs">The jobs that the run submitted.</param>
    /// <param name="deadSubmissions">So many processes died while they wrote into <c>incoming</c>.</param>
    public async Task CheckAsync(IReadOnlyList<PlannedJob> jobs, int deadSubmissions)
    {
        var world = await World.ReadAsync(registry);
        Jobs(jobs, world);
        Attempts(world);
        Incoming(deadSubmissions);
        Accepted(jobs, world);
        Results(world);
        foreach (var bucket in new[] { "main", "other" })
        foreach (var platform in new[] { "dummy-all", "more-all" })
            Bucket(world, bucket, platform);
        (await farm.DoAsync("registry", "check", "--deep")).Should().Contain("no contradiction");
    }

    /// <summary>Every acknowledged job is there and in its final state; so is one whose submitter did not hear of it; tasks = job x platforms.</summary>
    private static void Jobs(IReadOnlyList<PlannedJob> jobs, World world)
    {
        world.Jobs.Select(job => job.Id).Should().OnlyHaveUniqueItems().And.BeSubsetOf(jobs.Select(job => job.Id));
        foreach (var job in jobs)
        {
            var fact = world.Jobs.SingleOrDefault(fact => fact.Id == job.Id);
            if (job.IsAcknowledged)
                fact.Should().NotBeNull("job {0} was acknowledged", job.Id);
            if (fact is null)
                continue;
            job.MayBe(StateName(fact.State))
                .Should()
                .BeTrue("job {0} is {1}; expected {2}", job.Id, StateName(fact.State), job.State);
            world.Tasks.Count(task => task.Job == job.Id).Should().Be(job.Platforms, "tasks of {0}", job.Id);
        }
        world.Tasks.Select(task => (task.Job, task.Platform)).Should().OnlyHaveUniqueItems();
        world.Tasks.Should().OnlyContain(task => task.State >= World.Success, "no task waits or is built any more");
    }

    /// <summary>At most one accepted result per task; products are those of an accepted result.</summary>
    private static void Attempts(World world)
    {
        foreach (var task in world.Tasks)
        {
            var attempts = world.Attempts.Where(attempt => attempt.Task == task.Id).ToList();
            attempts
                .Select(attempt => attempt.Number)
                .Should()
                .Equal(Enumerable.Range(1, (int)task.Lease).Select(n => (long)n), "of {0}", task);
            var accepted = attempts
                .Where(attempt => attempt.Outcome == SuccessOutcome)
                .Select(attempt => attempt.Number);
            accepted.Should().Equal(task.State == World.Success ? [task.Lease] : [], "accepted results of {0}", task);
            if (task.State != World.Success)
                world.Products.Where(product => product.Task == task.Id).Should().BeEmpty("{0} did not succeed", task);
        }
    }

    /// <summary>Nothing; but for a day what a submission has left that died before its job was there, hidden.</summary>
    private void Incoming(int deadSubmissions)
    {
        var left = Directory.EnumerateFileSystemEntries(farm.Incoming).Select(path => Path.GetFileName(path)).ToList();
        left.Should().OnlyContain(name => name[0] == '.' && name.EndsWith(".tmp"));
        left.Count.Should()
            .BeLessThanOrEqualTo(
                deadSubmissions,
                "one is left by each submission that died: {0}",
                string.Join(' ', left)
            );
        left.ForEach(name => Directory.Delete($"{farm.Incoming}/{name}", recursive: true));
    }

    private void Accepted(IReadOnlyList<PlannedJob> jobs, World world)
    {
        var accepted = world.Jobs.Where(job => job.State != World.Invalid).Select(job => job.Id).ToHashSet();
        var expected = jobs.Where(job => accepted.Contains(job.Id))
            .SelectMany(job =>
                job.Sources(farm).Select(path => $"{job.Id}/{Path.GetFileName(path)} {World.Digest(path)}")
            );
        World
            .Files(farm, "spool/accepted")
            .Where(line => !line.Contains("/job.yml ", StringComparison.Ordinal))
            .Should()
            .BeEquivalentTo(expected);
        Entries($"{farm.Spool}/accepted").Should().BeEquivalentTo(accepted);
    }

    private void Results(World world)
    {
        foreach (var task in world.Tasks)
        {
            var directory = $"{farm.Spool}/results/{task.Job}/{task.Platform}";
            Entries(directory)
                .Select(name => long.Parse(name, CultureInfo.InvariantCulture))
                .Should()
                .OnlyContain(n => n >= 1 && n <= task.Lease);
            if (task.State != World.Success)
                continue;
            var products = world.Products.Where(p => p.Task == task.Id).Select(p => $"{p.Name} {p.Sha256}");
            World
                .Files(farm, $"spool/results/{task.Job}/{task.Platform}/{task.Lease}/products")
                .Should()
                .Equal(products, "of {0}", task);
            LogForms($"{directory}/{task.Lease}").Should().ContainSingle("of {0}", task);
            var log = farm.Log(task.Job, task.Platform, task.Lease).TrimEnd('\n').Split('\n');
            log[0].Should().EndWith($"{task.Job} on {task.Platform}, attempt {task.Lease}");
            log[^1].Should().EndWith($"{task.Job} on {task.Platform}: success");
            log.Should().ContainSingle(line => line.Contains(", attempt "), "one attempt writes one log");
        }
        Entries($"{farm.Spool}/results").Should().BeSubsetOf(world.Tasks.Select(task => task.Job));
    }

    /// <summary>The bucket's list is what the accepted tasks made, the later one's where two have a name; and nothing else is on its disk.</summary>
    private void Bucket(World world, string bucket, string platform)
    {
        var expected = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var accepted =
            from task in world.Tasks
            where task.Platform == platform && task.State == World.Success
            join job in world.Jobs on task.Job equals job.Id
            where job.Bucket == bucket && !job.Scratch
            orderby world.Attempts.Single(a => a.Task == task.Id && a.Number == task.Lease).Ended
            select task.Id;
        foreach (var product in accepted.SelectMany(task => world.Products.Where(p => p.Task == task)))
            expected[product.Name] = $"{product.Name} {product.Size} {product.Sha256}";
        var place = $"{farm.Directory}/buckets/{bucket}/{platform}";
        if (!Directory.Exists(place))
        {
            expected.Should().BeEmpty("bucket {0} is not there for {1}", bucket, platform);
            return;
        }
        var list = File.Exists($"{place}/list/products") ? File.ReadAllLines($"{place}/list/products") : [];
        Sha256(list.Select(WithoutPath))
            .Should()
            .Be(
                Sha256(expected.Values),
                "bucket {0} for {1} lists\n{2}\nand the accepted tasks made\n{3}",
                bucket,
                platform,
                string.Join('\n', list),
                string.Join('\n', expected.Values)
            );
        foreach (var line in list.Select(line => line.Split(' ')))
            World.Digest($"{place}/{line[3]}").Should().Be(line[2], "of {0} in {1}", line[3], bucket);
        Disk(place);
    }

    private static void Disk(string place)
    {
        Entries(place).Except(["list", "snapshots", "pool", "lock"]).Should().BeEmpty("of {0}", place);
        var current = new FileInfo($"{place}/list").LinkTarget?.Split('/')[1];
        var snapshots = Entries($"{place}/snapshots").Order(StringComparer.Ordinal).ToList();
        snapshots.LastOrDefault().Should().Be(current, "no snapshot lies above the current one, and none is half made");
        var listed = snapshots
            .SelectMany(name => File.ReadLines($"{place}/snapshots/{name}/packages"))
            .Select(line => line.Split('\t')[0])
            .Distinct();
        var pool = Directory.Exists($"{place}/pool")
            ? Directory.EnumerateFiles($"{place}/pool", "*", SearchOption.AllDirectories)
            : [];
        pool.Select(path => Path.GetRelativePath(place, path))
            .Should()
            .BeEquivalentTo(listed, "the pool holds what snapshots list");
    }

    private static IEnumerable<string> LogForms(string attempt) =>
        Entries(attempt).Where(name => name.StartsWith("log", StringComparison.Ordinal) || name[0] == '.');

    private static IEnumerable<string> Entries(string directory) =>
        Directory.Exists(directory)
            ? Directory
                .EnumerateFileSystemEntries(directory)
                .Select(path => Path.GetFileName(path))
                .Where(name => name is not (".incoming.lock" or ".logs"))
            : [];

    /// <summary>A line without the place in the pool, which follows from name and digest.</summary>
    private static string WithoutPath(string line) => line[..line.LastIndexOf(' ')];

    private static string Sha256(IEnumerable<string> lines) =>
        Convert.ToHexStringLower(
            System.Security.Cryptography.SHA256.HashData(
                System.Text.Encoding.UTF8.GetBytes(string.Join('\n', lines.Order(StringComparer.Ordinal)))
            )
        );

    private static string StateName(int state) =>
        state switch
        {
            2 => "invalid",
            3 => "registered",
            4 => "building",
            5 => "successful",
            6 => "failed",
            7 => "partially failed",
            8 => "cancelled",
            _ => $"state {state}",
        };
}
