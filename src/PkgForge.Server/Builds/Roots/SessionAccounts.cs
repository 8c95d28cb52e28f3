namespace PkgForge.Server.Builds.Roots;

/// <summary>
/// The accounts of a session, for tools that look users up by name: put over the host's own, in the session only. None of the host's users is known there, so
/// no file of a root is given to one of them because a name is the same.
/// </summary>
internal static class SessionAccounts
{
    /// <summary>The group that <c>mock</c> asks of those who run it.</summary>
    public const int MockGroup = 2002;

    private const string BuildUser = "builder:x:2001:2001:PkgForge:/build:/bin/sh";

    /// <summary>The session's files, by their names below <c>/etc</c>.</summary>
    /// <param name="root">What user 0 is called by those who ask for its name.</param>
    public static IReadOnlyDictionary<string, string> Files(string root = "root") =>
        new Dictionary<string, string>
        {
            ["passwd"] = $"""
                {root}:x:0:0:PkgForge:/nonexistent:/bin/sh
                root:x:0:0:root:/root:/bin/sh
                {BuildUser}
                nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin

                """,
            ["group"] = $"""
                root:x:0:
                tty:x:5:
                builder:x:2001:
                mock:x:{MockGroup}:builder
                nogroup:x:65534:

                """,
            // What a tool may map into a user namespace of its own: all of the session's ids but its root's.
            ["subuid"] = $"{root}:1:65535\n",
            ["subgid"] = $"{root}:1:65535\n",
        };

    /// <summary>Puts the files, which lie in a directory of the session, over the host's.</summary>
    public static async Task MountAsync(RootSession session, string directory, CancellationToken cancel)
    {
        foreach (var name in Files().Keys)
            await session.RequireOnHostAsync(
                new("mount", "--bind", "--", $"{directory}/{name}", $"/etc/{name}"),
                cancel
            );
    }
}
