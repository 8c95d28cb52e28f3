using PkgForge.Registry;
using PkgForge.Registry.Builders.Wire;

namespace PkgForge.Bench.Farms;

/// <summary>A farm's server for builders of other machines: <c>pkgforge serve</c>, a process, at a free port of loopback.</summary>
internal sealed class ForgeServer : IAsyncDisposable
{
    private const string Anywhere = "http://127.0.0.1:0";
    private const string Ready = "serving at ";

    private readonly Daemon daemon;

    private ForgeServer(Daemon daemon) => this.daemon = daemon;

    /// <summary>The process.</summary>
    public int Id => daemon.Id;

    /// <summary>Where it listens.</summary>
    public Uri Address => new(daemon.Said[(daemon.Said.IndexOf(Ready, StringComparison.Ordinal) + Ready.Length)..]);

    public static async Task<ForgeServer> StartAsync(ScratchFarm farm) =>
        new(
            await Daemon.StartAsync(
                [Place.Executable, "-c", $"{farm.Directory}/farm.yml", "serve", "--listen", Anywhere],
                line => line.Contains(Ready, StringComparison.Ordinal)
            )
        );

    /// <summary>A code with which a machine can enrol as the builder.</summary>
    public static async Task<string> CodeAsync(IRegistry registry, string builder)
    {
        var code = BuilderToken.NewCode();
        await registry.AddEnrolmentAsync(builder, BuilderToken.Sha256Of(code), TimeSpan.FromHours(1), default);
        return code;
    }

    /// <summary>A token of the builder, as a machine has it that has enrolled.</summary>
    public static async Task<string> TokenAsync(IRegistry registry, string builder)
    {
        var (code, token) = (await CodeAsync(registry, builder), BuilderToken.New());
        await registry.EnrolAsync(BuilderToken.Sha256Of(code), BuilderToken.Sha256Of(token), default);
        return token;
    }

    public ValueTask DisposeAsync() => daemon.DisposeAsync();
}
