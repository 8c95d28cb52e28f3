namespace PkgForge.Web.Api;

/// <summary>What the API's document says of single platforms.</summary>
internal static class PlatformOperations
{
    public static ApiOperation Add { get; } =
        new ApiOperation("addPlatform", "Adds a platform")
            .Takes(AdminRequestJson.Default.NewPlatform)
            .Gives(AdminJson.Default.PlatformJson, "The platform.", 201)
            .Fails(409);

    public static ApiOperation Change { get; } =
        new ApiOperation("changePlatform", "Makes a platform active or not, or part of the default set or not")
            .Takes(AdminRequestJson.Default.PlatformChange)
            .Gives(AdminJson.Default.PlatformJson, "The platform as it is now.")
            .Fails(409);
}
