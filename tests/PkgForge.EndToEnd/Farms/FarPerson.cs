using AwesomeAssertions;

namespace PkgForge.EndToEnd.Farms;

/// <summary>A person on another machine: who has a server's address and a token, and nothing else of the farm.</summary>
internal sealed class FarPerson
{
    private readonly TestFarm farm;
    private readonly string url;
    private readonly string token;

    private FarPerson(TestFarm farm, string url, string home, string token) =>
        (this.farm, this.url, Home, this.token) = (farm, url, home, token);

    public string Home { get; }

    /// <summary>More of the environment of what is started.</summary>
    public Dictionary<string, string> Environment { get; } = new(StringComparer.Ordinal);

    /// <summary>Makes a person with an account.</summary>
    public static async Task<FarPerson> MakeAsync(TestFarm farm, string url, string name = "anna")
    {
        var home = $"{farm.Directory}/{name}";
        Directory.CreateDirectory(home);
        await farm.GiveAsync(home);
        await farm.DoAsync("account", "add", name, "--role", "submitter");
        return new(farm, url, home, (await farm.DoAsync("account", "token", name)).Trim());
    }

    /// <summary>The same person, by another way to the server.</summary>
    public FarPerson Through(Uri way) => new(farm, way.AbsoluteUri.TrimEnd('/'), Home, token);

    /// <summary>Starts a command against the server.</summary>
    public FarmProcess Start(params string[] words)
    {
        var start = Executable.Start([.. words, "--target", url]);
        start.WorkingDirectory = Home;
        start.Environment["HOME"] = Home;
        start.Environment["PKGFORGE_TOKEN"] = token;
        foreach (var (name, value) in Environment)
            start.Environment[name] = value;
        return farm.Run(FarmProcess.Start(start));
    }

    public Task<CommandResult> TryAsync(params string[] words) => Start(words).EndAsync();

    /// <summary>Runs a command that must succeed.</summary>
    public async Task<string> DoAsync(params string[] words)
    {
        var result = await TryAsync(words);
        result.ExitCode.Should().Be(0, "of 'pkgforge {0}', which printed:\n{1}", string.Join(' ', words), result);
        return result.Output;
    }

    /// <summary>Runs a command that must fail so.</summary>
    public async Task<CommandResult> FailAsync(int code, string message, params string[] words)
    {
        var result = await TryAsync(words);
        result.Error.Should().Contain(message, "of 'pkgforge {0}'", string.Join(' ', words));
        result.ExitCode.Should().Be(code, "of 'pkgforge {0}'", string.Join(' ', words));
        return result;
    }
}
