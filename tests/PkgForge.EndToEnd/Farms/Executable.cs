using System.Diagnostics;
using PkgForge.Native;
using Xunit;

namespace PkgForge.EndToEnd.Farms;

/// <summary>
/// The executable under test: the native one that <c>PKGFORGE_EXECUTABLE</c> names, or else what was built beside these
/// tests. Root runs it as the farm's user, as a farm does; an ordinary user as himself.
/// </summary>
internal static class Executable
{
    private const string FarmUser = "pkgforge";

    /// <summary>The user as whom the farm runs.</summary>
    public static Account User { get; } = Accounts.FindUser(RunsAsRoot ? FarmUser : Environment.UserName) ?? default!;

    /// <summary>True when these tests are root, and may do what needs root.</summary>
    public static bool RunsAsRoot => Accounts.EffectiveUser == 0;

    private static readonly Lazy<IReadOnlyList<string>> Found = new(Find);

    /// <summary>The program and the arguments that come before pkgforge's own.</summary>
    public static IReadOnlyList<string> Program => Found.Value;

    /// <summary>A command line of pkgforge, as the farm's user.</summary>
    public static ProcessStartInfo Start(IEnumerable<string> words) => AsUser([.. Program, .. words]);

    /// <summary>Any command, as the farm's user. The process that is started becomes the command: its id is the command's.</summary>
    public static ProcessStartInfo AsUser(IEnumerable<string> command) =>
        Clean(
            RunsAsRoot
                ? ["setpriv", "--reuid", FarmUser, "--regid", FarmUser, "--init-groups", "--", .. command]
                : command
        );

    /// <summary>Any command, as the user of these tests, with nothing of their environment.</summary>
    public static ProcessStartInfo Clean(IEnumerable<string> command)
    {
        var words = command.ToList();
        var start = new ProcessStartInfo(words[0], words.Skip(1)) { WorkingDirectory = "/" };
        start.Environment.Clear();
        start.Environment["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        start.Environment["LANG"] = "C.UTF-8";
        start.Environment["HOME"] = User.Home;
        // Without it a killed runtime leaves its pipes behind in /tmp.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        return start;
    }

    /// <summary>Skips or fails the test where there is no user to run a farm as.</summary>
    public static void RequireUser() =>
        Require(User is not null, $"root runs the farm as the user {FarmUser}, which tests/environment makes");

    /// <summary>Skips a test that an ordinary user cannot carry out, in CI too.</summary>
    public static void RequireRoot(string why) => Assert.SkipUnless(RunsAsRoot, why);

    /// <summary>A prerequisite that is not there: a visible skip on a desk, a failure in CI.</summary>
    public static void Require(bool there, string what)
    {
        if (there)
            return;
        if (Environment.GetEnvironmentVariable("CI") == "true")
            Assert.Fail(what);
        Assert.Skip(what);
    }

    private static IReadOnlyList<string> Find()
    {
        if (Environment.GetEnvironmentVariable("PKGFORGE_EXECUTABLE") is not { Length: > 0 } native)
            return ["dotnet", Path.Combine(AppContext.BaseDirectory, "pkgforge.dll")];
        return [RunsAsRoot ? Readable(Path.GetFullPath(native)) : Path.GetFullPath(native)];
    }

    /// <summary>
    /// A copy that the farm's user can run: the checkout may be where only root can read. Another run of the tests may still use an older one, unless it
    /// is a day old.
    /// </summary>
    private static string Readable(string native)
    {
        var directory = Directory.CreateDirectory($"{Cache.Directory}/bin").FullName;
        var copy = $"{directory}/pkgforge-{File.GetLastWriteTimeUtc(native).Ticks}";
        if (File.Exists(copy))
            return copy;
        var yesterday = TimeProvider.System.GetUtcNow().AddDays(-1);
        foreach (var old in Directory.GetFiles(directory))
            if (FileSystem.Status(old) is { } status && status.Changed < yesterday)
                File.Delete(old);
        File.Copy(native, $"{copy}.new", overwrite: true);
        File.Move($"{copy}.new", copy, overwrite: true);
        return copy;
    }
}
