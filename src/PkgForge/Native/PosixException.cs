using System.Runtime.InteropServices;

namespace PkgForge.Native;

/// <summary>A system call failed: the message says what was tried, with which path, and the system's reason.</summary>
public sealed class PosixException : IOException
{
    /// <param name="action">What was tried, e.g. <c>make directory</c>.</param>
    /// <param name="path">With which path or name.</param>
    /// <param name="errno">The error number.</param>
    public PosixException(string action, string path, int errno)
        : base($"cannot {action} '{path}': {Marshal.GetPInvokeErrorMessage(errno)}", errno) => Errno = errno;

    /// <summary>The error number (errno(3)); <see cref="Exception.HResult"/> is the same, as in .NET's own exceptions.</summary>
    public int Errno { get; }

    internal static PosixException Last(string action, string path) => new(action, path, Marshal.GetLastPInvokeError());

    /// <summary>True when an exception, from here or from .NET, says that the disk or the quota is full.</summary>
    public static bool IsDiskFull(IOException exception) =>
        exception.HResult is Native.Errno.ENOSPC or Native.Errno.EDQUOT;
}
