using System.Text;

namespace PkgForge.Native;

/// <summary>
/// What a process inherits and hands on: its environment as libraries in C see it (that of .NET is a copy, and changes of it reach nobody else), and its
/// umask.
/// </summary>
public static class ProcessEnvironment
{
    /// <summary>Sets a variable. Libraries read theirs without a lock: this is for the start of the process.</summary>
    /// <exception cref="PosixException">It cannot be set.</exception>
    public static void Set(string name, string value)
    {
        if (Libc.setenv(Terminated(name), Terminated(value), overwrite: 1) != 0)
            throw PosixException.Last("set variable", name);
    }

    /// <summary>Sets the umask: which rights a new file or directory of this process and its children does not have.</summary>
    public static void SetUmask(UnixFileMode without) => _ = Libc.umask((uint)without);

    private static byte[] Terminated(string text) => Encoding.UTF8.GetBytes($"{text}\0");
}
