namespace PkgForge.Sources.Debian;

/// <summary>Reads one file that a <c>.dsc</c> names and compares it with what the <c>.dsc</c> says.</summary>
internal static class DscFileCheck
{
    /// <summary>Null, and the file is added to those that were read; or the rule that it breaks.</summary>
    public static Broken? Check(string directory, DscFile expected, List<SourceFile> files, CancellationToken cancel)
    {
        if (!RegularFile.TryOpen(Path.Combine(directory, expected.Name), out var file, out var broken))
            return broken;
        using (file)
        {
            if (file.Size != expected.Size)
                return new("size", $"has {file.Size} bytes; the .dsc says {expected.Size}");
            using var pass = new FilePass(file);
            broken = Read(pass, expected, cancel, out var read);
            if (broken is null)
                files.Add(read!);
            return broken;
        }
    }

    private static Broken? Read(FilePass pass, DscFile expected, CancellationToken cancel, out SourceFile? read)
    {
        read = null;
        var others = expected.Digests.Where(d => d.Key != DscList.Sha256).ToList();
        List<Digest> digests = [.. others.Select(d => d.Key.Create())];
        try
        {
            if (pass.ReadRest(digests, cancel) is { } changed)
                return changed;
            read = pass.Finish(expected.Name);
            return Compare(DscList.Sha256, expected, read.Sha256)
                ?? others
                    .Select((d, i) => Compare(d.Key, expected, digests[i].Hex()))
                    .FirstOrDefault(broken => broken is not null);
        }
        finally
        {
            digests.ForEach(digest => digest.Dispose());
        }
    }

    private static Broken? Compare(DscList list, DscFile expected, string actual) =>
        string.Equals(expected.Digests[list], actual, StringComparison.OrdinalIgnoreCase)
            ? null
            : new("digest", $"has the digest {actual}; the .dsc says {expected.Digests[list]} in {list.Field}");
}
