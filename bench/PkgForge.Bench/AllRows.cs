using PkgForge.Bench.Farms;
using PkgForge.Bench.Measuring;
using PkgForge.Bench.Rows;

namespace PkgForge.Bench;

/// <summary>Every row, in the order in which they run and are printed. A new row is added here and in docs/benchmarks.md.</summary>
internal static class AllRows
{
    private static readonly Row[] Rows =
    [
        new CliStart(),
        new SrpmValidate(),
        new SrpmValidateMemory(),
        new BuilddIdleMemory("sqlite"),
        new BuilddIdleMemory("postgres"),
        new IdleQueries(),
        new RootReady(),
        new RootCycle(),
        new RootSbuild(),
        new ClaimToFirstInstruction(),
        new HelloOverhead(),
        new SbuildOverhead(),
        new WarmDebianBuild("hello"),
        new WarmDebianBuild("jq"),
        new WarmRpmBuild(),
        new ColdDependencies(),
        new PartlyColdDependencies(),
        new WarmDependencies(),
        new OneLayerForTen(),
        new LogLimitBytes(),
        new LogMemory(),
        new LogRate(),
        new ClaimsDirect(),
        new ClaimsDriver(),
        new ClaimsHttp(),
        new ClaimUnderSnapshot(),
        new Ends(),
        new Wake(Reach.Direct, "p50", 0.5, atMost: 2),
        new Wake(Reach.Direct, "p95", 0.95, atMost: 3),
        new Wake(Reach.Remote, "p50", 0.5, atMost: 6),
        new IdleHundred(),
        new StatusList(),
        new JobView(),
        new Makespan(),
        new Submit(),
        new Pages(),
        new LogOpen(),
        new LiveLog(Reach.Direct, atMost: 5),
        new LiveLog(Reach.Remote, atMost: 15),
        new WatchersMemory(),
        new UploadRate(),
        new UploadMemory(),
    ];

    /// <summary>Those whose names begin with one of the words; all when there are no words.</summary>
    public static IReadOnlyList<Row> Chosen(IReadOnlyList<string> words) =>
        [
            .. Rows.Where(row =>
                words.Count == 0 || words.Any(word => row.Name.StartsWith(word, StringComparison.Ordinal))
            ),
        ];
}
