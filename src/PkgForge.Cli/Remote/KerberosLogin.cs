using System.Net;
using System.Net.Http.Json;
using System.Runtime.InteropServices;
using System.Text.Json;
using PkgForge.Cli.Commands;
using PkgForge.Registry;
using PkgForge.Registry.Builders.Wire;
using PkgForge.Web.Api;

namespace PkgForge.Cli.Remote;

/// <summary>Gets a token for a ticket of Kerberos (RFC 4559).</summary>
internal static class KerberosLogin
{
    private const string Library = "libgssapi_krb5.so.2";

    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);

    /// <summary>Shows the ticket.</summary>
    /// <exception cref="CommandException">There is none, or it is not accepted.</exception>
    public static async Task<string> RunAsync(Uri address, CancellationToken cancel)
    {
        if (!NativeLibrary.TryLoad(Library, out _))
            throw new CommandException(
                ExitCode.Configuration,
                $"--kerberos needs {Library}: install libgssapi-krb5-2 (Debian) or krb5-libs (Fedora)"
            );
        using (var server = FarmServer.At(address, token: null))
            if (!(await server.GetAsync("login", ApiJson.Default.LoginAnswer, cancel)).Ways.Contains("kerberos"))
                throw new CommandException(
                    ExitCode.Refused,
                    $"{address} takes no tickets: pkgforge login {address} lets you in with a browser"
                );
        var target = new Uri($"{address.AbsoluteUri.TrimEnd('/')}/api/v1/login/kerberos");
        using var http = new HttpClient(
            new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseCookies = false,
                Credentials = new CredentialCache
                {
                    { target, "Negotiate", CredentialCache.DefaultNetworkCredentials },
                },
            }
        )
        {
            Timeout = Soon,
        };
        try
        {
            using var body = JsonContent.Create(
                new HostRequest(BrowserLogin.HostOf()),
                RequestJson.Default.HostRequest
            );
            using var answer = await http.PostAsync(target, body, cancel);
            if (answer.StatusCode != HttpStatusCode.OK)
                throw new CommandException(ExitCode.Refused, await ReasonAsync(answer, cancel));
            var given = await answer.Content.ReadFromJsonAsync(ApiJson.Default.ClaimAnswer, cancel);
            return SavedTokens.Check(given?.Token ?? "", "the server's answer");
        }
        catch (Exception e) when (e is HttpRequestException or JsonException)
        {
            throw new FarmUnavailableException($"{address} cannot be reached: {e.Message}", e);
        }
    }

    private static async Task<string> ReasonAsync(HttpResponseMessage answer, CancellationToken cancel)
    {
        var problem = await answer.Content.ReadFromJsonAsync(WireJson.Default.Problem, cancel);
        return answer.StatusCode == HttpStatusCode.Unauthorized
            ? "there is no ticket for this server: get one by 'kinit', and see 'klist'"
            : Output.Printable(problem?.Detail ?? $"the server answered {(int)answer.StatusCode}");
    }
}
