using System.Runtime.InteropServices;

namespace PkgForge.Native;

/// <summary>What kind of thing a directory entry is.</summary>
public enum FileKind
{
    /// <summary>A FIFO, a socket or a device: nothing that a spool may hold.</summary>
    Other,
    Regular,
    Directory,
    SymbolicLink,
}

/// <summary>What statx(2) says about a file.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Mode">Permission bits, with set-id and sticky bits.</param>
/// <param name="Owner">User id.</param>
/// <param name="Group">Group id.</param>
/// <param name="Size">Length in bytes.</param>
/// <param name="Links">Number of hard links.</param>
/// <param name="Modified">When its content last changed; its owner can set this.</param>
/// <param name="Changed">When content, owner, mode or name last changed; nobody can set this.</param>
/// <param name="Id">Device and inode: the same for two names of one file.</param>
public sealed record FileStatus(
    FileKind Kind,
    UnixFileMode Mode,
    uint Owner,
    uint Group,
    long Size,
    uint Links,
    DateTimeOffset Modified,
    DateTimeOffset Changed,
    FileId Id
)
{
    internal static FileStatus From(StatxBuffer buffer) =>
        new(
            (buffer.Mode & 0xF000) switch
            {
                0x8000 => FileKind.Regular,
                0x4000 => FileKind.Directory,
                0xA000 => FileKind.SymbolicLink,
                _ => FileKind.Other,
            },
            (UnixFileMode)(buffer.Mode & 0xFFF),
            buffer.Owner,
            buffer.Group,
            buffer.Size,
            buffer.Links,
            Time(buffer.ModifiedSeconds, buffer.ModifiedNanoseconds),
            Time(buffer.ChangedSeconds, buffer.ChangedNanoseconds),
            new(buffer.DeviceMajor, buffer.DeviceMinor, buffer.Inode)
        );

    /// <summary>A time outside of .NET's years (a hostile touch) becomes the nearest that there is.</summary>
    private static DateTimeOffset Time(long seconds, uint nanoseconds) =>
        DateTimeOffset
            .FromUnixTimeSeconds(Math.Clamp(seconds, -62_135_596_800, 253_402_300_798))
            .AddTicks(nanoseconds / TimeSpan.NanosecondsPerTick);
}

/// <summary>What makes a file the same file under another name.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct FileId(uint DeviceMajor, uint DeviceMinor, ulong Inode);
