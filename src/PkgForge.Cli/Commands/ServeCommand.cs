using System.CommandLine;
using Microsoft.Extensions.Logging;
using PkgForge.Native;
using PkgForge.Server.Builders;
using PkgForge.Server.Configuration;
using PkgForge.Server.Handlers;
using PkgForge.Server.Publishing;
using PkgForge.Server.Remote;
using PkgForge.Web.Builders;
using PkgForge.Web.Hosting;
using PkgForge.Web.SignIn;

namespace PkgForge.Cli.Commands;

/// <summary><c>pkgforge serve</c>: the farm for other machines, and asked to, all of the farm in one process.</summary>
internal static class ServeCommand
{
    private static readonly Option<string[]> Listen = new("--listen")
    {
        Description =
            "Where to listen, instead of the configured addresses: http://ADDRESS:PORT, https://ADDRESS:PORT or unix:/PATH",
        HelpName = "URL",
    };

    private static readonly Option<bool> WithIncoming = new("--incoming")
    {
        Description = "Run incoming in the same process",
    };

    private static readonly Option<string[]> Builders = new("--builder")
    {
        Description = "Run a builder of this machine in the same process; may be given several times",
        HelpName = "NAME",
    };

    public static Command Create()
    {
        var command = new Command(
            "serve",
            "Serve the farm over HTTP, its web site and API to people and tasks to builders on other machines, until told to stop (SIGTERM). Asked to, run incoming and builders, too.\n\n"
                + "Examples:\n  pkgforge serve --incoming --builder b1\n  pkgforge serve --listen https://*:8160"
        )
        {
            Listen,
            WithIncoming,
            Builders,
        };
        command.SetAction(ServeAsync);
        return command;
    }

    private static async Task<int> ServeAsync(ParseResult words, CancellationToken cancel)
    {
        DaemonRun.BecomeUser(GlobalOptions.Configuration(words));
        await using var session = FarmSession.Open(words);
        var farm = session.Farm;
        await farm.Registry.CheckSchemaAsync(cancel);
        await using var local = new LocalFarm(farm);
        var served = new ServedFarm(
            farm.Registry,
            local,
            new BuilderFiles(farm),
            farm.Spool,
            [.. farm.Configuration.Buckets.Keys.Order(StringComparer.Ordinal)],
            new BucketShelf(farm.Configuration),
            farm.Time
        )
        {
            Url = farm.Configuration.Serve.Url is { } url ? BuilderEnrolment.Parse(url) : null,
            MaintainersOnly = farm.Configuration.MaintainersOnly,
            Promote = new Promotion(farm).PromoteAsync,
            Withdraw = new Withdrawal(farm).RunAsync,
        };
        await using var server = await WebServer.StartAsync(
            Options(words, farm.Configuration.Serve),
            served,
            session.Loggers,
            cancel
        );
        farm.Log.Serving(string.Join(", ", server.Addresses));
        ReadyNotice.Ready();
        var well = await ServedPart.RunAllAsync(Parts(words, farm, local), cancel);
        return well ? ExitCode.Done : ExitCode.Failed;
    }

    private static WebOptions Options(ParseResult words, ServeOptions configured) =>
        new()
        {
            Listen = words.GetValue(Listen) is { Length: > 0 } given ? given : configured.Listen,
            Certificate = configured.Certificate,
            CertificateKey = configured.CertificateKey,
            Insecure = configured.Insecure,
            TrustedProxies = configured.TrustedProxies,
            AnonymousLooks = configured.Anonymous,
            Oidc = configured.Oidc is { } provider ? Provider(provider, configured.Url!) : null,
            Kerberos = configured.Kerberos is { } service
                ? new() { Keytab = service.Keytab, Realms = service.Realms }
                : null,
            RequestsPerMinute = configured.RequestsPerMinute,
            ChangesPerMinute = configured.ChangesPerMinute,
            OpenConnections = configured.OpenConnections,
        };

    private static OidcOptions Provider(OidcSettings configured, string site) =>
        new()
        {
            Issuer = configured.Issuer,
            ClientId = configured.ClientId,
            ClientSecret = configured.ClientSecretFile is { } path ? ReadSecret(path) : null,
            Site = site,
            Name = configured.Name ?? new Uri(configured.Issuer).Host,
            Scopes = configured.Scopes,
            AccountClaim = configured.AccountClaim,
            GroupsClaim = configured.GroupsClaim,
            Roles = configured.Roles,
            NewAccounts = configured.NewAccounts,
        };

    private static string ReadSecret(string path)
    {
        if (FileSystem.Status(path) is { } status && (status.Mode & UnixFileMode.OtherRead) != UnixFileMode.None)
            throw new ConfigurationException(
                $"oidc: client_secret_file: {path} can be read by everybody: chmod o= {path}"
            );
        try
        {
            var secret = File.ReadAllText(path).Trim();
            if (secret.Length > 0)
                return secret;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"oidc: client_secret_file: {e.Message}");
        }
        throw new ConfigurationException($"oidc: client_secret_file: {path} is empty");
    }

    private static IEnumerable<ServedPart> Parts(ParseResult words, Farm farm, LocalFarm local)
    {
        var configured = farm.Configuration.Serve;
        if (words.GetValue(WithIncoming) || configured.Incoming)
            yield return new(() => new Incoming(farm), farm);
        var site = new BuilderSite(farm.Configuration, farm.Log, farm.Time);
        var names = words.GetValue(Builders) is { Length: > 0 } given ? given : configured.Builders;
        foreach (var name in names.Select(BuilderName.Check).Distinct(StringComparer.Ordinal))
            yield return new(() => new Buildd(local, site, name), farm);
    }
}
