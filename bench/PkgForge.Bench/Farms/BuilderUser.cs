using System.Diagnostics;
using PkgForge.Native;

namespace PkgForge.Bench.Farms;

/// <summary>Started as root: goes on as the farm's own user, as its daemons do, from copies that this user can reach.</summary>
internal static class BuilderUser
{
    private const string Name = "pkgforge";
    private const string Parent = "/var/tmp";
    private const string Prefix = "pkgforge-bench-";

    /// <returns>The exit code of the run as that user.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> words)
    {
        if (Accounts.FindUser(Name) is not { } user)
        {
            Console.Error.WriteLine($"there is no user {Name}: run tests/environment test");
            return 2;
        }
        foreach (var stale in Directory.EnumerateDirectories(Parent, $"{Prefix}*").Where(IsDead))
            Directory.Delete(stale, recursive: true);
        var copy = $"{Parent}/{Prefix}{Environment.ProcessId}";
        CopyTree(AppContext.BaseDirectory, copy);
        File.Copy(Place.Executable, $"{copy}/pkgforge", overwrite: true);
        FileSystem.ChangeOwner(copy, user.Uid, user.Gid);
        try
        {
            return await GoOnAsync(user, copy, words);
        }
        finally
        {
            Directory.Delete(copy, recursive: true);
        }
    }

    private static async Task<int> GoOnAsync(Account user, string copy, IReadOnlyList<string> words)
    {
        var program = $"{copy}/{Path.GetFileName(Environment.ProcessPath)}";
        var start = new ProcessStartInfo(
            "setpriv",
            ["--reuid", Name, "--regid", Name, "--init-groups", "--", program, .. words]
        )
        {
            WorkingDirectory = "/",
        };
        start.Environment["HOME"] = $"/var/lib/{user.Name}";
        start.Environment["USER"] = user.Name;
        start.Environment[Place.ExecutableVariable] = $"{copy}/pkgforge";
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    // What a killed run has left.
    private static bool IsDead(string copy) => !Directory.Exists($"/proc/{Path.GetFileName(copy)[Prefix.Length..]}");

    private static void CopyTree(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from))
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        foreach (var directory in Directory.EnumerateDirectories(from))
            CopyTree(directory, Path.Combine(to, Path.GetFileName(directory)));
    }
}
