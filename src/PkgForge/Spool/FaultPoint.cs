using System.Globalization;
using System.Runtime.InteropServices;
using PkgForge.Native;

namespace PkgForge.Spool;

/// <summary>
/// Lets a test stop a real process at a named place. <c>PKGFORGE_FAULT_POINT=NAME</c>, <c>NAME:ACTION</c> or <c>NAME:ACTION:N</c> for the
/// N-th time that the process comes to it, read once; without the variable a place costs one comparison. Actions: <c>kill</c> (SIGKILL to itself, the default),
/// <c>exit</c> (with status 70, nothing run on the way out), <c>throw-io</c> (as if the disk were full), <c>pause</c>
/// (says so on standard error, then waits for SIGCONT, or for a signal that ends it).
/// </summary>
public static class FaultPoint
{
    /// <summary>Name of the environment variable.</summary>
    public const string Variable = "PKGFORGE_FAULT_POINT";

    private const int SIGKILL = 9;
    private const int ExitStatus = 70;

    private static readonly string[] Actions = ["kill", "exit", "throw-io", "pause"];
    private static readonly (string Name, string Action, int Times) Armed = Parse(
        Environment.GetEnvironmentVariable(Variable)
    );
    private static readonly bool IsArmed = Armed.Name.Length > 0;
    private static int reached;

    /// <summary>Says that the process has come to this place; acts when it is the one that was asked for.</summary>
    /// <param name="name">One of <see cref="FaultPoints.All"/>.</param>
    /// <exception cref="PosixException">The action is <c>throw-io</c>.</exception>
    public static void Reach(string name)
    {
        if (IsArmed && Armed.Name == name && Interlocked.Increment(ref reached) == Armed.Times)
            Act(name, Armed.Action);
    }

    /// <summary>Takes the variable's value apart.</summary>
    /// <exception cref="FormatException">It names no place, no action or no number: a test that would test nothing.</exception>
    internal static (string Name, string Action, int Times) Parse(string? value)
    {
        if (string.IsNullOrEmpty(value))
            return ("", "", 0);
        var words = value.Split(':');
        var name = words[0];
        var action = words.Length > 1 ? words[1] : Actions[0];
        var times = words.Length > 2 ? words[2] : "1";
        if (!FaultPoints.All.Contains(name))
            throw new FormatException($"{Variable}: there is no fault point '{name}'");
        if (!Actions.Contains(action))
            throw new FormatException($"{Variable}: '{action}' is none of {string.Join(", ", Actions)}");
        if (words.Length > 3 || !int.TryParse(times, CultureInfo.InvariantCulture, out var number) || number < 1)
            throw new FormatException($"{Variable}: '{value}' is not NAME:ACTION:NUMBER with a number from 1");
        return (name, action, number);
    }

    private static void Act(string name, string action)
    {
        switch (action)
        {
            case "kill":
                _ = Libc.kill(Libc.getpid(), SIGKILL);
                break;
            case "exit":
                Libc._exit(ExitStatus);
                break;
            case "throw-io":
                throw new PosixException("go on after fault point", name, Errno.ENOSPC);
            default:
                Pause(name);
                break;
        }
    }

    private static void Pause(string name)
    {
        using var go = new ManualResetEventSlim();
        using var signal = PosixSignalRegistration.Create(PosixSignal.SIGCONT, _ => go.Set());
        Console.Error.WriteLine($"fault point {name}: process {Libc.getpid()} waits");
        go.Wait();
    }
}
