namespace PkgForge.Web.Api;

/// <summary>What the API's document says of accounts.</summary>
internal static class AccountOperations
{
    public static ApiOperation Add { get; } =
        new ApiOperation("addAccount", "Adds an account")
            .Takes(AdminRequestJson.Default.NewAccount)
            .Gives(AdminJson.Default.AccountJson, "The account.", 201, Location)
            .Fails(409);

    public static ApiOperation Show { get; } =
        new ApiOperation("getAccount", "Shows an account and its tokens").Gives(
            AdminJson.Default.AccountJson,
            "The account; a token's secret is nowhere."
        );

    public static ApiOperation Change { get; } =
        new ApiOperation("changeAccount", "Gives an account another role")
            .Takes(AdminRequestJson.Default.AccountChange)
            .Gives(AdminJson.Default.AccountJson, "The account as it is now.")
            .Fails(409);

    public static ApiOperation Remove { get; } =
        new ApiOperation("removeAccount", "Removes an account with all its tokens").Done(204, "It is gone.").Fails(409);

    public static ApiOperation Entrust { get; } =
        new ApiOperation("addMaintainer", "Makes an account a maintainer of a bucket")
            .Done(204, "It maintains the bucket.")
            .Fails(409);

    public static ApiOperation Relieve { get; } =
        new ApiOperation("removeMaintainer", "Makes an account no maintainer of a bucket any more")
            .Done(204, "It does not maintain the bucket.")
            .Fails(409);

    public static ApiOperation AddToken { get; } =
        new ApiOperation("addToken", "Makes a token of an account")
            .Takes(AdminRequestJson.Default.NewToken, required: false)
            .Gives(AdminJson.Default.TokenAnswer, "The token: it is shown this once.", 201)
            .Fails(409);

    public static ApiOperation Revoke { get; } =
        new ApiOperation("revokeTokens", "Ends tokens of an account")
            .Query("label", "Only the one that is called so.")
            .Gives(AdminJson.Default.RevokedAnswer, "How many.")
            .Fails(409);

    private static ApiHeader Location => new("Location", "The account's address.", ApiValue.Text);
}
