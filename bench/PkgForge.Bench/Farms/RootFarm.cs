using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using PkgForge.Bench.Measuring;
using PkgForge.Logs;
using PkgForge.Server.Builds.Roots;

namespace PkgForge.Bench.Farms;

/// <summary>A build that the farm has done.</summary>
/// <param name="Claimed">When its task was claimed, by the registry.</param>
/// <param name="Log">The attempt's log.</param>
internal sealed record FarmBuild(DateTimeOffset Claimed, string Log);

/// <summary>
/// A farm with one platform and one builder, whose layers are kept from run to run. Its builds are not checked by lintian or rpmlint, which a bare build is not either. Bucket
/// <c>plain</c> uses no bucket, so that what one build publishes does not change what the next one finds.
/// </summary>
internal sealed partial class RootFarm
{
    public const string Builder = "one";

    private const string Buckets = """
        buckets:
          plain:
            uses: []
            lintian: off
            rpmlint: off
          clock:
            lintian: off
            rpmlint: off
        """;

    private const string Debian = """
        platform_recipes:
          bookworm-amd64:
            format: debian
        """;

    private readonly ScratchFarm farm;
    private readonly string work;
    private readonly string platform;
    private int builds;

    private RootFarm(ScratchFarm farm, string work, string platform) =>
        (this.farm, this.work, this.platform) = (farm, work, platform);

    /// <summary>Where its layers are.</summary>
    public string Layers => $"{work}/layers";

    /// <summary>Sets up a farm of Debian's bookworm. The first build makes its base layer, if that was not kept.</summary>
    /// <param name="place">Where.</param>
    /// <param name="more">More of the configuration, as YAML.</param>
    /// <param name="builders">More builders than the one.</param>
    public static Task<RootFarm> OpenAsync(Place place, string more = "", params IReadOnlyList<string> builders) =>
        OpenAsync(place, ("bookworm", "amd64"), $"{Buckets}\n{Debian}\n{more}", builders);

    /// <summary>Sets up a farm of the distribution of RPM packages that the tests make of Debian's.</summary>
    public static async Task<RootFarm> OpenRpmAsync(Place place)
    {
        await Place.ScriptAsync("tests/distribution/make", $"{place.Kept}/distribution");
        var recipe = $$"""
            platform_recipes:
              tiny12-x86_64:
                format: rpm
                repositories: { tiny: "file://{{place.Kept}}/distribution/repo" }
                releasever: "12"
                gpgcheck: false
                packages: [rpm-build, bash, coreutils, shadow-utils, util-linux, which]
            """;
        return await OpenAsync(place, ("tiny12", "x86_64"), $"{Buckets}\n{recipe}", []);
    }

    private static async Task<RootFarm> OpenAsync(
        Place place,
        (string Name, string Architecture) platform,
        string sections,
        IReadOnlyList<string> builders
    )
    {
        var layers = $"{place.Kept}/work";
        var made = new ScratchFarm($"{place.Scratch}/{platform.Name}-{Guid.NewGuid():N}", layers);
        await made.InitialiseAsync(made.Sqlite, sections);
        await made.ForgeAsync("platform", "add", platform.Name, platform.Architecture, "--auto");
        foreach (var builder in builders.Prepend(Builder))
            await made.ForgeAsync("builder", "add", builder, platform.Name, platform.Architecture);
        return new(made, layers, $"{platform.Name}-{platform.Architecture}");
    }

    /// <summary>Submits a source and takes it in; the task waits then.</summary>
    /// <returns>The job's id.</returns>
    public async Task<string> SubmitAsync(string source, string bucket, params IReadOnlyList<string> words)
    {
        var id = $"bench-{++builds}";
        await farm.ForgeAsync(["submit", "-B", bucket, "--id", id, .. words, source]);
        await farm.ForgeAsync("incoming");
        return id;
    }

    /// <summary>Builds what waits, by a builder that ends when there is nothing more.</summary>
    public Task BuildAsync(string builder = Builder) => farm.ForgeAsync("buildd", "--name", builder);

    /// <summary>The words of the command that does the same, for who runs it himself.</summary>
    public IReadOnlyList<string> BuildWords => ["-c", $"{farm.Directory}/farm.yml", "buildd", "--name", Builder];

    /// <summary>Seconds from the first MiB of a job's log until it has grown for the last time, looked at often while it is built.</summary>
    public async Task<double> WatchAsync(string id, Task building)
    {
        const long Begun = 1 << 20;
        var (log, size) = (new FileInfo(LogOf(id)), 0L);
        var (first, last) = (0L, 0L);
        while (!building.IsCompleted)
        {
            await Task.Delay(10);
            log.Refresh();
            var now = log.Exists ? log.Length : 0;
            if (now <= size)
                continue;
            (size, last) = (now, Stopwatch.GetTimestamp());
            if (first == 0 && size >= Begun)
                first = last;
        }
        return first == 0
            ? throw new CannotMeasureException($"the log has no more than {size} bytes")
            : Stopwatch.GetElapsedTime(first, last).TotalSeconds;
    }

    /// <summary>The log of a job's only attempt, in whichever form it is.</summary>
    public LogFile OpenLog(string id) =>
        LogFile.TryOpen(LogOf(id)) ?? throw new CannotMeasureException($"{id} has no log");

    /// <summary>Where it grows.</summary>
    private string LogOf(string id) => $"{farm.Directory}/spool/results/{id}/{platform}/1/log";

    /// <summary>What became of a job, which must have succeeded.</summary>
    public async Task<FarmBuild> ResultAsync(string id)
    {
        using var status = JsonDocument.Parse(await farm.ForgeAsync("status", "--json", id));
        var state = status.RootElement.GetProperty("state").GetString();
        using var reader = new StreamReader(new LogStream(OpenLog(id)));
        var log = await reader.ReadToEndAsync();
        if (!string.Equals(state, "successful", StringComparison.Ordinal))
            throw new CannotMeasureException(
                $"the build has {state}: {string.Join(" / ", log.Split('\n').TakeLast(5))}"
            );
        var attempt = status.RootElement.GetProperty("tasks")[0].GetProperty("attempts")[0];
        return new(attempt.GetProperty("started").GetDateTimeOffset(), log);
    }

    /// <summary>Submits, builds, and says what became of it.</summary>
    public async Task<FarmBuild> BuildAsync(string source, string bucket, params IReadOnlyList<string> words)
    {
        var id = await SubmitAsync(source, bucket, words);
        await BuildAsync();
        return await ResultAsync(id);
    }

    /// <summary>The layers in which a build ran, the uppermost first, as its log names them.</summary>
    public IReadOnlyList<string> LayersOf(FarmBuild build) =>
        [.. NamesOf(build).Select(name => $"{Layers}/{name}/root")];

    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> NamesOf(FarmBuild build) =>
        RootLine().Match(build.Log).Groups["names"].Value.Split(" over ");

    /// <summary>What dependencies are worked out over: the package lists, and the base of a build.</summary>
    public IReadOnlyList<string> ListsAndBaseOf(FarmBuild build) =>
        [
            $"{Directory.EnumerateDirectories(Layers, "lists-*").MaxBy(Directory.GetCreationTimeUtc)}/root",
            LayersOf(build)[^1],
        ];

    /// <summary>Removes all dependency layers, so that the next build has to make its own again, and from the start.</summary>
    public async Task ForgetDependenciesAsync()
    {
        foreach (var layer in Directory.EnumerateDirectories(Layers, "deps-*").ToList())
            await ForeignFiles.RemoveAsync(layer, CancellationToken.None);
    }

    /// <summary>The time that the log of a source of <c>inputs/</c> shows for its first instruction.</summary>
    public static DateTimeOffset FirstInstruction(string log) =>
        FirstLine().Match(log) is { Success: true } match
            ? DateTimeOffset.UnixEpoch.AddTicks(
                long.Parse(match.Groups["nanoseconds"].Value, CultureInfo.InvariantCulture) / 100
            )
            : throw new CannotMeasureException($"no 'first instruction' in: {log}");

    [GeneratedRegex(@"^==> [0-9:]+ root: (?<names>[^;]+);", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex RootLine();

    [GeneratedRegex(
        @"^first instruction (?<nanoseconds>[0-9]+)$",
        RegexOptions.Multiline | RegexOptions.ExplicitCapture
    )]
    private static partial Regex FirstLine();
}
