using PkgForge.Registry;
using PkgForge.Web.Hosting;

namespace PkgForge.Web.Api;

/// <summary>What the API's document says of buckets, source packages and statistics.</summary>
internal static class BucketOperations
{
    private const string Follow =
        "A page of them. `next`, and the header `Link`, have the address of the next page: follow it as it is.";

    public static ApiOperation List { get; } =
        new ApiOperation("listBuckets", "Lists buckets and their repositories").Gives(
            ApiJson.Default.FarmBucketJsonArray,
            "All of them."
        );

    public static ApiOperation Show { get; } =
        new ApiOperation("getBucket", "Shows a bucket and its repositories").Gives(
            ApiJson.Default.FarmBucketJson,
            "The bucket."
        );

    public static ApiOperation Contents { get; } =
        Paged(new("listBucketFiles", "Lists what a bucket holds for a platform"))
            .Query("q", "Only files with this in their names.")
            .Query("after", "Only files after the one of this name.")
            .Query("snapshot", "What it held then: the number of a snapshot that is kept.", ApiValue.Number(1))
            .Gives(ApiJson.Default.BucketContentsJson, "A page of it.", headers: JobOperations.NextPage);

    public static ApiOperation Compare { get; } =
        new ApiOperation("compareSnapshots", "Says what two snapshots of a bucket differ in")
            .Query("from", "The number of the first.", ApiValue.Number(1), required: true)
            .Query("to", "The number of the second.", ApiValue.Number(1), required: true)
            .Gives(ApiJson.Default.DifferenceJson, "The difference.");

    public static ApiOperation Packages { get; } =
        Paged(new("listPackages", "Lists source packages that jobs have built"))
            .Query("q", "Only those with this in their names.")
            .Query("after", "Only those after the one of this name.")
            .Gives(ApiJson.Default.PackagesAnswer, "A page of them.", headers: JobOperations.NextPage);

    public static ApiOperation Package { get; } =
        Paged(new("getPackage", "Shows a source package over time and platforms"))
            .Query("after", "Only jobs older than this one.")
            .Gives(ApiJson.Default.PackageHistoryJson, "A page of it.", headers: JobOperations.NextPage);

    public static ApiOperation Statistics { get; } =
        new ApiOperation("getStatistics", "Says what the farm has done lately")
            .Query("window", "Of which time.", ApiValue.OneOf(Enum.GetValues<StatisticsWindow>().Select(Words.Of)))
            .Gives(ApiJson.Default.StatisticsJson, "The statistics.");

    private static ApiOperation Paged(ApiOperation operation) =>
        operation
            .More(Follow)
            .Query("limit", "So many at the most.", ApiValue.Number(1, PageSize.Largest, PageSize.Usual));
}
