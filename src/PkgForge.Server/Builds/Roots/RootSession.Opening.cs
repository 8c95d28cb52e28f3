using System.Diagnostics;
using System.Globalization;
using PkgForge.Server.Processes;

namespace PkgForge.Server.Builds.Roots;

/// <summary>How a session begins.</summary>
public sealed partial class RootSession
{
    private static readonly string SessionScript = Script("session.sh");

    private const string Ready = "ready";
    private const string ReadyInMemory = "ready in memory";

    /// <summary>Makes the namespaces and mounts.</summary>
    /// <param name="plan">What it is made of.</param>
    /// <param name="cancel">Gives up, and takes away what was made.</param>
    /// <exception cref="FarmFaultException">The root could not be made; the message says what refused.</exception>
    public static async Task<RootSession> OpenAsync(RootPlan plan, CancellationToken cancel = default)
    {
        var (top, group, disk) = (plan.Top, plan.Group, plan.Disk);
        var first = InUserNamespace(
            ["--pid", "--fork", "--kill-child", "--uts", "--ipc"],
            new Command(
                "sh",
                [
                    "-c",
                    SessionScript,
                    "session",
                    top,
                    string.Join(':', plan.Layers),
                    plan.SizeInBytes.ToString(CultureInfo.InvariantCulture),
                    "builder",
                    disk ?? "",
                    ShareOf("instances"),
                    ShareOf("watches"),
                    .. plan.Hidden.Select(InTable),
                ]
            )
        );
        Process holder;
        try
        {
            Directory.CreateDirectory(top);
            holder = Tool.Launch(group?.Join(first) ?? first);
        }
        catch
        {
            await RemoveAsync(group);
            await RemoveAsync(disk);
            throw;
        }
        var killOnCancel = cancel.Register(holder.Kill);
        var answer = await holder.StandardOutput.ReadLineAsync(CancellationToken.None);
        var child = answer is Ready or ReadyInMemory ? FirstChild(holder.Id) : null;
        // From here on nobody else kills it.
        await killOnCancel.DisposeAsync();
        if (child is null)
        {
            holder.Kill();
            var complaint = await holder.StandardError.ReadToEndAsync(CancellationToken.None);
            await holder.WaitForExitAsync(CancellationToken.None);
            holder.Dispose();
            await RemoveAsync(group);
            await RemoveAsync(disk);
            cancel.ThrowIfCancellationRequested();
            throw new FarmFaultException($"the root in {top} could not be made: {complaint.Trim()}");
        }
        if (answer == ReadyInMemory)
        {
            await RemoveAsync(disk);
            disk = null;
        }
        var session = new RootSession(holder, child, top, disk, group) { Layers = plan.Layers };
        session.Watch = disk is null ? null : new DiskWatch(disk, plan.SizeInBytes, session.Kill);
        return session;
    }

    /// <summary>
    /// How many instances or watches of inotify a session may have: an eighth of what each user of the machine may. They are counted for the farm's own user, too, who watches for jobs by
    /// them.
    /// </summary>
    private static string ShareOf(string things) =>
        GroupFile.Lines($"/proc/sys/fs/inotify/max_user_{things}") is [var line, ..]
        && long.TryParse(line, CultureInfo.InvariantCulture, out var most)
            ? (most / 8).ToString(CultureInfo.InvariantCulture)
            : "";

    /// <summary>A path as a field of fstab(5).</summary>
    private static string InTable(string path) =>
        path.Replace("\\", @"\134", StringComparison.Ordinal)
            .Replace(" ", @"\040", StringComparison.Ordinal)
            .Replace("\t", @"\011", StringComparison.Ordinal)
            .Replace("\n", @"\012", StringComparison.Ordinal);

    /// <summary>Null when the process has ended, or its child has.</summary>
    private static string? FirstChild(int pid)
    {
        try
        {
            var children = File.ReadAllText($"/proc/{pid}/task/{pid}/children");
            return children.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var first, ..] ? first : null;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
