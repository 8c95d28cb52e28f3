using AwesomeAssertions;

namespace PkgForge.EndToEnd.Farms;

/// <summary>
/// What takes long to make and never changes, kept from one test run to the next: sources, the test distribution, layers
/// of build roots. In <c>PKGFORGE_TEST_CACHE</c>, or a directory of the farm user's under <c>/var/tmp</c>; it can be removed at any
/// time when no tests run.
/// </summary>
internal static class Cache
{
    private static readonly string[] Scripts = ["archive", "once", "sources", "distribution", "machine"];

    private static readonly Lazy<Task> Made = new(MakeAsync);

    public static string Directory { get; } =
        Environment.GetEnvironmentVariable("PKGFORGE_TEST_CACHE") is { Length: > 0 } named
            ? named
            : $"/var/tmp/pkgforge-tests-{Executable.User.Uid}";

    /// <summary>The checkout that these tests were built from.</summary>
    public static string Checkout { get; } = FindCheckout();

    /// <summary>The work directory of farms that build for real.</summary>
    public static string Work => $"{Directory}/work";

    /// <summary>The repository of the test distribution.</summary>
    public static string Distribution => $"{Directory}/distribution/repo";

    /// <summary>Makes sources and distribution, once a run; at once where they are there.</summary>
    public static Task ReadyAsync() => Made.Value;

    /// <summary>A script of <c>examples/</c>, where the farm's user can read it.</summary>
    public static string Example(string name) => $"{Directory}/scripts/{name}";

    /// <summary>A source package that <c>tests/sources/make</c> has made: the path of its main file.</summary>
    public static string Source(string name) =>
        System.IO.Directory.EnumerateFiles($"{Directory}/sources", name, SearchOption.AllDirectories).Single();

    private static async Task MakeAsync()
    {
        System.IO.Directory.CreateDirectory(Directory);
        if (Executable.RunsAsRoot)
            await TestFarm.AsTestsAsync("chown", $"{Executable.User.Uid}:{Executable.User.Gid}", "--", Directory);
        await CopyScriptsAsync($"{Directory}/scripts");
        foreach (var (script, result) in new[] { ("sources/make", "sources"), ("distribution/make", "distribution") })
        {
            var command = Executable.AsUser([$"{Directory}/scripts/{script}", $"{Directory}/{result}"]);
            var made = await FarmProcess.Start(command).EndAsync(TimeSpan.FromMinutes(5));
            made.ExitCode.Should().Be(0, "of tests/{0}, which printed:\n{1}", script, made);
        }
    }

    /// <summary>The checkout may be where only its owner can read.</summary>
    private static async Task CopyScriptsAsync(string to)
    {
        var tree = Checkout;
        await TestFarm.AsTestsAsync("rm", "-rf", "--", to);
        System.IO.Directory.CreateDirectory(to);
        await TestFarm.AsTestsAsync(["cp", "-R", "--", .. Scripts.Select(name => $"{tree}/tests/{name}"), to]);
        await TestFarm.AsTestsAsync("cp", "--", $"{tree}/examples/install-deb", $"{tree}/examples/install-rpm", to);
        await TestFarm.AsTestsAsync("chmod", "-R", "go+rX", "--", to);
        if (Executable.RunsAsRoot)
            await TestFarm.AsTestsAsync("chown", "-R", $"{Executable.User.Uid}:{Executable.User.Gid}", "--", to);
    }

    private static string FindCheckout()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists($"{directory!.FullName}/PkgForge.slnx"))
            directory =
                directory.Parent ?? throw new DirectoryNotFoundException("the tests are not run from a checkout");
        return directory.FullName;
    }
}
