using System.Text;
using System.Text.RegularExpressions;
using AwesomeAssertions;
using PkgForge.EndToEnd.Farms;
using PkgForge.EndToEnd.Real;
using Xunit;

namespace PkgForge.EndToEnd.Escape;

/// <summary>A build that leaves processes behind in every way that <c>tests/escape/leftovers.sh</c> knows, run once.</summary>
public sealed partial class LeftoverRun : RealFarmTests, IAsyncLifetime
{
    internal static string Script { get; } = File.ReadAllText($"{Cache.Checkout}/tests/escape/leftovers.sh");

    /// <summary>Names of the styles.</summary>
    internal static IReadOnlyList<string> Styles { get; } =
    [.. Style().Matches(Script).Select(m => m.Groups["name"].Value.Replace('_', '-'))];

    /// <summary>How the job ended, and what it printed.</summary>
    internal string State { get; private set; } = "";

    internal string Log { get; private set; } = "";

    /// <summary>Command lines that were still there after the build, and those of the same script outside of a root.</summary>
    internal IReadOnlyList<string> Left { get; private set; } = [];

    internal IReadOnlyList<string> LeftOutside { get; private set; } = [];

    public async ValueTask InitializeAsync()
    {
        var farm = await MakeRealFarmAsync();
        var word = $"left{Guid.NewGuid():N}";
        var source = new NativeSource("leftovers", $"bash ./leftovers.sh {word}")
        {
            Files = new Dictionary<string, string> { ["leftovers.sh"] = Script },
        };
        var job = await BuildFileAsync(farm, source.Write($"{farm.Directory}/sources"));
        (State, Log) = (job.State, await farm.DoAsync("log", job.Id));
        Left = [.. Running(word).Values];
        LeftOutside = await OutsideAsync($"{farm.Directory}/host");
    }

    private async Task<JobStatus> BuildFileAsync(TestFarm farm, string path)
    {
        await farm.SubmitAsync("job", path);
        await farm.DoAsync("incoming");
        await BuildAllAsync(farm, Deb1);
        return await farm.StatusAsync("job");
    }

    // In a pid namespace of its own, so that nothing of it outlives this.
    private static async Task<IReadOnlyList<string>> OutsideAsync(string directory)
    {
        Directory.CreateDirectory($"{directory}/inner");
        File.SetUnixFileMode($"{directory}/inner", (UnixFileMode)0b111_111_111);
        File.SetUnixFileMode(directory, (UnixFileMode)0b111_111_111);
        var word = $"left{Guid.NewGuid():N}";
        await File.WriteAllTextAsync($"{directory}/leftovers.sh", Script);
        string[] inside =
        [
            "sh",
            "-c",
            $"cd '{directory}/inner' && bash ../leftovers.sh {word} >&2; echo done >&2; exec sleep 60",
        ];
        using var holder = FarmProcess.Start(
            Executable.AsUser(["unshare", "--user", "--pid", "--fork", "--kill-child", "--mount-proc", "--", .. inside])
        );
        await holder.SaysAsync("done");
        var left = Running(word).Values.ToList();
        holder.Send(Signal.Kill);
        await holder.EndAsync();
        return left;
    }

    // Those that fork or change their name all the time are not in every look.
    private static Dictionary<string, string> Running(string word)
    {
        var found = new Dictionary<string, string>();
        for (var look = 0; look < 8; look++)
            Look(word, found);
        return found;
    }

    private static void Look(string word, Dictionary<string, string> found)
    {
        foreach (var process in Directory.EnumerateDirectories("/proc").Where(path => char.IsDigit(path[6])))
        {
            try
            {
                var words = File.ReadAllText($"{process}/cmdline", Encoding.UTF8);
                if (words.Contains(word, StringComparison.Ordinal))
                    found[process] = words;
            }
            catch (IOException)
            {
                // It has ended meanwhile.
            }
        }
    }

    [GeneratedRegex(@"^leave_(?<name>\w+)\(\)", RegexOptions.Multiline)]
    private static partial Regex Style();
}

/// <summary>Nothing that a build leaves running outlives it.</summary>
/// <param name="run">The build, run once.</param>
[Trait("category", "Real")]
public sealed class LeftoverTests(LeftoverRun run) : IClassFixture<LeftoverRun>
{
    public static TheoryData<string> Styles => [.. LeftoverRun.Styles];

    [Theory]
    [MemberData(nameof(Styles))]
    public void A_process_that_was_left_behind_is_gone(string style)
    {
        run.Log.Split('\n').Should().Contain($"LEFT {style}", "it was there during the build");
        run.Left.Should().NotContain(words => words.Contains($"-{style}"));
    }

    [Theory]
    [MemberData(nameof(Styles))]
    public void Outside_of_a_root_it_stays(string style) =>
        run.LeftOutside.Should().Contain(words => words.Contains($"-{style}"));

    [Fact]
    public void The_build_ends_well_and_at_once() => run.State.Should().Be("successful", run.Log);
}
