namespace PkgForge.Web.Api;

/// <summary>What the API's document says of caps.</summary>
internal static class CapOperations
{
    public static ApiOperation List { get; } =
        new ApiOperation("listCaps", "Lists how many tasks of whom are built at once").Gives(
            AdminJson.Default.CapJsonArray,
            "All caps."
        );

    public static ApiOperation Put { get; } =
        Of(new("setCap", "Says how many tasks of somebody are built at once"))
            .Takes(AdminRequestJson.Default.CapChange)
            .Gives(AdminJson.Default.CapJson, "The cap.")
            .Fails(409);

    public static ApiOperation Remove { get; } =
        Of(new("removeCap", "Takes a cap away")).Done(204, "There is none.").Fails(409);

    private static ApiOperation Of(ApiOperation operation) =>
        operation
            .Path("kind", "On whom it is.", ApiValue.OneOf("submitter", "bucket"))
            .Path(
                "name",
                "The submitter's or the bucket's name; `*` for every submitter that has no cap of their own.",
                ApiValue.Text
            );
}
