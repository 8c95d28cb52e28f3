namespace PkgForge.Web.Api;

/// <summary>What the API's document says of single builders.</summary>
internal static class BuilderOperations
{
    public static ApiOperation Add { get; } =
        new ApiOperation("addBuilder", "Adds a builder")
            .Takes(AdminRequestJson.Default.NewBuilder)
            .Gives(
                AdminJson.Default.BuilderJson,
                "The builder.",
                201,
                new ApiHeader("Location", "The builder's address.", ApiValue.Text)
            )
            .Fails(404, 409);

    public static ApiOperation Show { get; } =
        new ApiOperation("getBuilder", "Shows a builder").Gives(AdminJson.Default.BuilderJson, "The builder.");

    public static ApiOperation Change { get; } =
        new ApiOperation("changeBuilder", "Drains a builder, or gives it tasks again")
            .Takes(AdminRequestJson.Default.BuilderChange)
            .Gives(AdminJson.Default.BuilderJson, "The builder as it is now.")
            .Fails(409);

    public static ApiOperation Remove { get; } =
        new ApiOperation("removeBuilder", "Removes a builder").Done(204, "It is gone.").Fails(409);

    public static ApiOperation Release { get; } =
        new ApiOperation("releaseBuilder", "Ends a builder's quarantine").Done(204, "It gets tasks again.").Fails(409);

    public static ApiOperation Enrol { get; } =
        new ApiOperation("enrolBuilder", "Makes a code by which a machine becomes a builder")
            .Takes(AdminRequestJson.Default.NewEnrolment, required: false)
            .Gives(AdminJson.Default.EnrolmentAnswer, "The code: it is shown this once.")
            .Fails(409);

    public static ApiOperation Revoke { get; } =
        new ApiOperation("revokeBuilder", "Ends all tokens and codes of a builder")
            .Gives(AdminJson.Default.RevokedAnswer, "How many.")
            .Fails(409);
}
