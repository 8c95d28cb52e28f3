using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using PkgForge.Bench.Measuring;

namespace PkgForge.Bench.Farms;

/// <summary>A build that the farm has done.</summary>
/// <param name="Claimed">When its task was claimed, by the registry.</param>
/// <param name="Log">The attempt's log.</param>
internal sealed record FarmBuild(DateTimeOffset Claimed, string Log);

/// <summary>
/// A farm with one Debian platform and one builder, whose layers are kept from run to run. Its builds are not checked by
/// lintian, which a bare build is not either. Bucket <c>plain</c> uses no bucket, so that what one build publishes does
/// not change what the next one finds.
/// </summary>
internal sealed partial class DebianFarm
{
    private const string Platform = "bookworm-amd64";

    private const string Sections = $"""
        buckets:
          plain:
            uses: []
            lintian: off
          clock:
            lintian: off
        platform_recipes:
          {Platform}:
            format: debian
        """;

    private readonly ScratchFarm farm;
    private readonly string work;
    private int builds;

    private DebianFarm(ScratchFarm farm, string work) => (this.farm, this.work) = (farm, work);

    /// <summary>Sets the farm up. The first build makes its base layer, if that was not kept.</summary>
    public static async Task<DebianFarm> OpenAsync(Place place)
    {
        var layers = $"{place.Kept}/work";
        var made = new ScratchFarm($"{place.Scratch}/debian", layers);
        await made.InitialiseAsync(made.Sqlite, Sections);
        await made.ForgeAsync("platform", "add", "bookworm", "amd64", "--auto");
        await made.ForgeAsync("builder", "add", "deb1", "bookworm", "amd64");
        return new(made, layers);
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
    public Task BuildAsync() => farm.ForgeAsync("buildd", "--name", "deb1");

    /// <summary>What became of a job, which must have succeeded.</summary>
    public async Task<FarmBuild> ResultAsync(string id)
    {
        using var status = JsonDocument.Parse(await farm.ForgeAsync("status", "--json", id));
        var state = status.RootElement.GetProperty("state").GetString();
        var log = File.ReadAllText($"{farm.Directory}/spool/results/{id}/{Platform}/1/log");
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
    public IReadOnlyList<string> Layers(FarmBuild build) =>
        [
            .. RootLine()
                .Match(build.Log)
                .Groups["names"]
                .Value.Split(" over ")
                .Select(name => $"{work}/layers/{name}/root"),
        ];

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
