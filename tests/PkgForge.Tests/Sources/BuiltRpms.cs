namespace PkgForge.Tests.Sources;

/// <summary>Genuine packages, made once by rpmbuild for all tests that read them.</summary>
public sealed class BuiltRpms : IDisposable
{
    private const string Spec = """
        Name: tiny
        Version: 1.0
        Release: 2
        Epoch: 1
        Summary: A package to test with
        License: MIT
        Source0: tiny.txt
        BuildRequires: gcc >= 4.2
        BuildRequires: make
        ExcludeArch: s390x
        BuildArch: noarch
        %description
        A package to test with.
        %install
        install -D -m 644 %{SOURCE0} %{buildroot}/usr/share/tiny.txt
        %files
        /usr/share/tiny.txt
        """;

    private readonly Scratch scratch = new();

    public BuiltRpms()
    {
        scratch.Write("tiny.spec", Spec);
        scratch.Write("tiny.txt", string.Concat(Enumerable.Range(0, 5000)));
    }

    /// <summary>A source package whose payload is compressed by such a mode of rpm, e.g. <c>w9.gzdio</c>.</summary>
    public string Source(string mode = "w9.gzdio") =>
        Build("-bs", "src-" + mode, "_source_payload " + mode, "*.src.rpm");

    /// <summary>A source package without its sources.</summary>
    public string NoSource()
    {
        scratch.Write(
            "nosrc.spec",
            Spec.Replace("Source0: tiny.txt", "Source0: tiny.txt\nNoSource: 0", StringComparison.Ordinal)
        );
        return Build("-bs", "nosrc", "_x 1", "*.nosrc.rpm", "nosrc.spec");
    }

    public string Binary() => Build("-bb", "binary", "_binary_payload w1.gzdio", "*.noarch.rpm");

    public void Dispose() => scratch.Dispose();

    private string Build(string what, string name, string macro, string pattern, string spec = "tiny.spec")
    {
        lock (scratch)
        {
            var top = scratch[name];
            if (!Directory.Exists(top))
            {
                string[] macros = [$"_topdir {top}", $"_sourcedir {scratch.Path}", $"_dbpath {top}/db", macro];
                var defines = macros.SelectMany(m => (string[])["--define", m]);
                Tool.Run("rpmbuild", ["--quiet", "--nodeps", what, .. defines, scratch[spec]]);
            }

            return Directory.EnumerateFiles(top, pattern, SearchOption.AllDirectories).Single();
        }
    }
}
