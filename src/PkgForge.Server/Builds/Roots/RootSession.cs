using System.Diagnostics;
using System.Globalization;
using PkgForge.Native;
using PkgForge.Server.Processes;

namespace PkgForge.Server.Builds.Roots;

/// <summary>
/// A root that is mounted: an overlay of read-only layers with a throw-away top, in namespaces of its own. The root
/// user inside is nobody on the host. Steps run in it one after the other; when a step ends, everything that it
/// started is dead. Disposing ends the session: its processes, mounts, the top and the control group are gone, and nothing is left on
/// disk but an empty directory. The same happens by itself when this process dies, because the session's first
/// process ends with its standard input.
/// </summary>
public sealed partial class RootSession : IAsyncDisposable
{
    private static readonly string StepScript = Script("step.sh");

    private const string LoopbackScript = """
        ip link set lo up && exec "$@"
        """;

    private static readonly string[] FarmNetwork = [];
    private static readonly string[] NoNetwork = ["--net"];
    private static readonly string[] Narrow = ["setarch", "linux32"];

    private readonly Process outer;
    private readonly string firstPid;
    private readonly string top;
    private string? disk;
    private bool ended;
    private volatile bool killed;

    private RootSession(Process outer, string firstPid, string top, string? disk, ControlGroup? group) =>
        (this.outer, this.firstPid, this.top, this.disk, Group) = (outer, firstPid, top, disk, group);

    /// <summary>Roots of the layers that it is made of, the uppermost first.</summary>
    public required IReadOnlyList<string> Layers { get; init; }

    /// <summary>The control group of all that runs in the session; null when it has none.</summary>
    public ControlGroup? Group { get; }

    /// <summary>Looks after a top on a disk; null for one in memory, which the kernel bounds.</summary>
    public DiskWatch? Watch { get; private set; }

    /// <summary>Where the root is mounted, inside the session's own mount namespace.</summary>
    public string Path => $"{top}/root";

    /// <summary>The content of the throw-away top, inside the session's own mount namespace.</summary>
    public string Upper => disk is null ? $"{top}/upper" : $"{disk}/root";

    /// <summary>Bytes that are written in the root now; null when that cannot be told, because the session has ended, for one.</summary>
    public async Task<long?> WrittenAsync()
    {
        if (Watch is not null)
            return await Watch.HeldAsync();
        try
        {
            return FileSystem.Used($"/proc/{firstPid}/root{top}");
        }
        catch (PosixException)
        {
            return null;
        }
    }

    /// <summary>A command in a fresh user namespace with all of this user's subordinate ids, for work on layers.</summary>
    public static Command InUserNamespace(IReadOnlyList<string> options, Command command) =>
        command.Under(
            "unshare",
            ["--map-auto", "--setuid", "0", "--setgid", "0", "--mount", "--propagation", "private", .. options, "--"]
        );

    /// <summary>Runs a command inside the root, in pid and mount namespaces of its own.</summary>
    public Task<ToolResult> RunAsync(Step step, IOutput output, ToolLimits? limits, CancellationToken cancel) =>
        Tool.RunAsync(InSession(step), output, limits, Kill, cancel);

    /// <summary>
    /// Runs a command inside the root for whoever has started this process: with a terminal of its own if there is one, else with the standard streams
    /// of this process. No time is too long.
    /// </summary>
    /// <returns>The command's exit code.</returns>
    public Task<int> AttachAsync(Step step, CancellationToken cancel) =>
        CallerTerminal.IsThere
            ? AttachedTool.RunOnTerminalAsync(InSession(step, "terminal"), Kill, cancel)
            : AttachedTool.RunAsync(InSession(step, "apart"), Kill, cancel);

    /// <summary>Runs a tool of the host on the root's files, as the root's own root user; it sees the host's files as nobody.</summary>
    public Task<ToolResult> RunOnHostAsync(Command command, IOutput output, CancellationToken cancel) =>
        Tool.RunAsync(Entering(command), output, null, Kill, cancel);

    /// <summary>
    /// The same for a tool of the host that itself makes a root and builds in it: it has pid and mount namespaces of its own, with
    /// a matching <c>/proc</c>, so that nothing which it started is left when it ends.
    /// </summary>
    /// <param name="command">The tool.</param>
    /// <param name="isolated">True to leave it without a network.</param>
    /// <param name="output">Takes what it prints.</param>
    /// <param name="limits">How long it may take.</param>
    /// <param name="cancel">Ends the session's processes.</param>
    public Task<ToolResult> DriveAsync(
        Command command,
        bool isolated,
        IOutput output,
        ToolLimits? limits,
        CancellationToken cancel
    ) =>
        Tool.RunAsync(
            Entering(
                (isolated ? command.Under("sh", "-c", LoopbackScript, "loopback") : command).Under(
                    "unshare",
                    ["--pid", "--fork", "--kill-child", "--mount-proc", .. isolated ? NoNetwork : FarmNetwork, "--"]
                )
            ),
            output,
            limits,
            Kill,
            cancel
        );

    /// <summary>Like <see cref="RunOnHostAsync"/>, and must succeed.</summary>
    /// <exception cref="FarmFaultException">It did not.</exception>
    public Task<string> RequireOnHostAsync(Command command, CancellationToken cancel) =>
        Tool.RequireAsync(Entering(command), cancel);

    /// <summary>True when its processes have been killed, or its first one has ended: nothing runs in it any more.</summary>
    public bool IsDead => killed || outer.HasExited;

    /// <summary>True when what is written in the root goes to a disk.</summary>
    public bool IsOnDisk => disk is not null;

    /// <summary>Copies a top in memory to where no session sees it: as the root's own root user, and past the session's mounts.</summary>
    public Task CopyTopAsync(string to, CancellationToken cancel) =>
        Tool.RequireAsync(
            new Command("cp", "-a", "--", $"/proc/{firstPid}/root{Upper}", to).Under(
                "nsenter",
                ["--target", firstPid, "--user", "--"]
            ),
            cancel
        );

    /// <summary>Ends the session. What was written in a top on a disk is the caller's from now on: in the directory that the session was given, as <c>root</c>.</summary>
    public async Task<string> ReleaseTopAsync()
    {
        var released = disk ?? throw new InvalidOperationException("the top is in memory, and goes with the session");
        disk = null;
        await EndAsync();
        return released;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        await RemoveAsync(disk);
    }

    private async Task EndAsync()
    {
        if (ended)
            return;
        ended = true;
        if (Watch is not null)
            await Watch.DisposeAsync();
        Kill();
        // unshare ends after the first process has been reaped, and that is after everything in its pid namespace.
        await outer.WaitForExitAsync();
        outer.Dispose();
        Directory.Delete(top);
        await RemoveAsync(Group);
    }

    private string[] Enter => ["--target", firstPid, "--user", "--mount", "--pid", "--uts", "--ipc", "--"];

    // What enters the namespaces is no child of the session's first process, and so not in its control group by itself.
    // It ignores no signal: systemd, cron and nohup start a builder deaf to some, and its children would be, too.
    // It is in a process session of its own: a signal to "my process group" (kill 0) asks no pid namespace, and would reach other builds, who are the same users to the kernel. Where no control
    // group does it, the kernel shares the processors out by process sessions (sched_autogroup).
    private Command Entering(Command command)
    {
        var entering = command.Under("nsenter", Enter).Under("env", "--default-signal", "setsid") with
        {
            Filtered = true,
        };
        return Group?.Join(entering) ?? entering;
    }

    private Command InSession(Step step, string outputs = "one")
    {
        var network = step.Network ? "farm" : "none";
        var user = step.User.ToString(CultureInfo.InvariantCulture);
        var inRoot = new Command(
            "sh",
            [
                "-c",
                StepScript,
                "step",
                Path,
                user,
                network,
                outputs,
                step.Directory,
                .. step.Environment(),
                .. step.Command,
            ]
        )
            .Under("prlimit", [.. step.Limits, "--", .. step.Narrow ? Narrow : []])
            .Under(
                "unshare",
                [
                    "--pid",
                    "--fork",
                    "--kill-child",
                    "--mount",
                    "--ipc",
                    "--propagation",
                    "private",
                    $"--mount-proc={Path}/proc",
                    .. step.Network ? FarmNetwork : NoNetwork,
                    "--",
                ]
            );
        return Entering(inRoot);
    }

    private static Task RemoveAsync(ControlGroup? group) => group?.RemoveAsync() ?? Task.CompletedTask;

    private static Task RemoveAsync(string? disk) =>
        disk is null ? Task.CompletedTask : ForeignFiles.RemoveAsync(disk, CancellationToken.None);

    private void Kill()
    {
        killed = true;
        Group?.Kill();
        // Once unshare has ended, the number may be another process' already.
        if (outer.HasExited)
            return;
        // Killing the first process kills the namespace; its standard input closes too, in case the id was never known.
        outer.StandardInput.Close();
        try
        {
            using var first = Process.GetProcessById(int.Parse(firstPid));
            first.Kill();
        }
        catch (ArgumentException)
        {
            // It has ended already.
        }
    }

    private static string Script(string name)
    {
        using var stream = typeof(RootSession).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
