namespace PkgForge.Web.Api;

/// <summary>What the API's document says of how a command logs in.</summary>
internal static class LoginOperations
{
    public static ApiOperation Ways { get; } =
        new ApiOperation("listLoginWays", "Says how one may log in").Gives(ApiJson.Default.LoginAnswer, "The ways.");

    public static ApiOperation Begin { get; } =
        new ApiOperation("beginLogin", "Begins to log in with a browser")
            .Takes(RequestJson.Default.HostRequest)
            .Gives(ApiJson.Default.CodeAnswer, "A code for the person, and a secret for the command.");

    public static ApiOperation Take { get; } =
        new ApiOperation("takeLogin", "Asks for the token of a log-in that was begun")
            .Takes(RequestJson.Default.ClaimRequest)
            .Gives(ApiJson.Default.ClaimAnswer, "The token, if somebody has allowed it.")
            .Fails(404);

    public static ApiOperation Kerberos { get; } =
        new ApiOperation("loginByKerberos", "Logs in by a ticket of Kerberos")
            .More("The ticket comes as `Authorization: Negotiate` (RFC 4559). A farm that takes none answers 404.")
            .Takes(RequestJson.Default.HostRequest)
            .Gives(ApiJson.Default.ClaimAnswer, "A token.")
            .Fails(401, 404);
}
