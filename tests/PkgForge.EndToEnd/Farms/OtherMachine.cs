using PkgForge.Registry.Builders.Wire;

namespace PkgForge.EndToEnd.Farms;

/// <summary>
/// A machine that shares nothing with the farm but a server: its own configuration, which says no more than where its work directory is.
/// </summary>
internal sealed class OtherMachine
{
    private readonly TestFarm farm;
    private readonly string configuration;
    private readonly List<string> tokens = [];

    private OtherMachine(TestFarm farm, string name, string? work)
    {
        this.farm = farm;
        Directory = $"{farm.Directory}/{name}";
        Work = work ?? $"{Directory}/work";
        configuration = $"{Directory}/pkgforge.yml";
    }

    public string Directory { get; }

    public string Work { get; }

    /// <summary>The certificates that this machine trusts, as a PEM file; null for those of its system.</summary>
    public string? Trusted { get; init; }

    /// <summary>Makes one.</summary>
    /// <param name="farm">Whose builder it is to be.</param>
    /// <param name="name">Names its directory.</param>
    /// <param name="work">A shared work directory; null for one of its own.</param>
    /// <param name="trusted">See <see cref="Trusted"/>.</param>
    public static async Task<OtherMachine> MakeAsync(
        TestFarm farm,
        string name,
        string? work = null,
        string? trusted = null
    )
    {
        var machine = new OtherMachine(farm, name, work) { Trusted = trusted };
        System.IO.Directory.CreateDirectory(machine.Directory);
        System.IO.Directory.CreateDirectory(machine.Work);
        await File.WriteAllTextAsync(
            machine.configuration,
            $"work: {machine.Work}\nspool: /nonexistent\nregistry: sqlite:/nonexistent/registry.db\nuser: {Executable.User.Name}\n"
        );
        await farm.GiveAsync(machine.Directory);
        return machine;
    }

    /// <summary>Starts a server of the farm, and waits until it serves.</summary>
    public static async Task<(FarmProcess Process, string Url)> ServeAsync(
        TestFarm farm,
        string listen = "http://127.0.0.1:0",
        string? faultPoint = null
    )
    {
        var server = farm.StartAt(faultPoint, "serve", "--incoming", "--listen", listen);
        await server.SaysAsync("incoming is running");
        await server.SaysAsync("serving at ");
        return (server, server.ServesAt);
    }

    /// <summary>Runs the one line that the server prints, on this machine.</summary>
    public async Task<FarmProcess> EnrolAsync(string url, params string[] builder)
    {
        var line = await farm.DoAsync(["builder", "enrol", .. builder]);
        var words = line.Trim().Split(' ');
        // The line has the configured address; the server of a test has a port of its own.
        words[Array.IndexOf(words, "--server") + 1] = url;
        var code = words[Array.IndexOf(words, "--enrol") + 1];
        tokens.AddRange([$"{builder[0]}.token", $".enrol-{BuilderToken.Sha256Of(code)[..16]}"]);
        var process = Start(words[1..]);
        await process.SaysAsync($"buildd {builder[0]} is running");
        return process;
    }

    /// <summary>Removes the tokens that this machine got, and nothing else, from a work directory that others use, too.</summary>
    public void ForgetTokens() => tokens.ForEach(file => File.Delete($"{Work}/builders/{file}"));

    /// <summary>Starts a command of pkgforge on this machine.</summary>
    public FarmProcess Start(params string[] words)
    {
        var start = Executable.Start([.. words, "-c", configuration]);
        if (Trusted is not null)
            start.Environment["SSL_CERT_FILE"] = Trusted;
        return farm.Run(FarmProcess.Start(start));
    }
}
