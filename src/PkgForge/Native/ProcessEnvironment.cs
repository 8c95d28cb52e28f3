using System.Text;

namespace PkgForge.Native;

/// <summary>The environment of this process as libraries in C see it: that of .NET is a copy, and changes of it reach nobody else.</summary>
public static class ProcessEnvironment
{
    /// <summary>Sets a variable. Libraries read theirs without a lock: this is for the start of the process.</summary>
    /// <exception cref="PosixException">It cannot be set.</exception>
    public static void Set(string name, string value)
    {
        if (Libc.setenv(Terminated(name), Terminated(value), overwrite: 1) != 0)
            throw PosixException.Last("set variable", name);
    }

    private static byte[] Terminated(string text) => Encoding.UTF8.GetBytes($"{text}\0");
}
