namespace PkgForge.Web.Api;

/// <summary>What the API's document says of the farm itself.</summary>
internal static class FarmOperations
{
    public static ApiOperation Me { get; } =
        new ApiOperation("getMe", "Says who asks").Gives(ApiJson.Default.MeAnswer, "The account, and what it may.");

    public static ApiOperation Builders { get; } =
        new ApiOperation("listBuilders", "Lists builders").Gives(ApiJson.Default.BuilderJsonArray, "All of them.");

    public static ApiOperation Platforms { get; } =
        new ApiOperation("listPlatforms", "Lists platforms").Gives(ApiJson.Default.PlatformJsonArray, "All of them.");

    public static ApiOperation Accounts { get; } =
        new ApiOperation("listAccounts", "Lists accounts and their tokens").Gives(
            ApiJson.Default.AccountJsonArray,
            "All of them; a token's secret is nowhere."
        );

    public static ApiOperation Audit { get; } =
        new ApiOperation("listAudit", "Lists what was done over HTTP, newest first")
            .More("A page of it. `next`, and the header `Link`, have the address of the next page: follow it as it is.")
            .Query("account", "Only what this account did.")
            .Query("action", "Only this.")
            .Query("subject", "Only of this.")
            .Query("limit", "So many at the most.", ApiValue.Number(1, AuditApi.LargestPage, AuditApi.UsualPage))
            .Query("before", "Only entries before the one of this number.", ApiValue.Number(0))
            .Gives(AdminJson.Default.AuditAnswer, "A page of it.", headers: JobOperations.NextPage);

    public static ApiOperation Document { get; } =
        new ApiOperation("getDocument", "Sends this document")
            .Sends(ApiBody.Json, "The document (OpenAPI 3.1) of the API of this version.")
            .Tagged();
}
