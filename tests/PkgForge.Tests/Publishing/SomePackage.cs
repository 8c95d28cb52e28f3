using PkgForge.Registry;
using PkgForge.Server;
using PkgForge.Server.Processes;
using PkgForge.Server.Publishing;

namespace PkgForge.Tests.Publishing;

/// <summary>Real packages of one small file, made by dpkg-deb and rpmbuild.</summary>
internal static class SomePackage
{
    public static async Task<ProductFile> DebAsync(string directory, string name, string version, string content)
    {
        var tree = Directory.CreateDirectory($"{directory}/.tree-{Guid.NewGuid():N}").FullName;
        Directory.CreateDirectory($"{tree}/DEBIAN");
        Directory.CreateDirectory($"{tree}/usr/share/{name}");
        await File.WriteAllTextAsync($"{tree}/usr/share/{name}/content", content);
        await File.WriteAllTextAsync(
            $"{tree}/DEBIAN/control",
            $"""
            Package: {name}
            Version: {version}
            Architecture: amd64
            Maintainer: A Person <person@example.org>
            Description: {name} for tests
             Says {content}.

            """
        );
        var file =
            Directory.CreateDirectory($"{directory}/{Guid.NewGuid():N}").FullName + $"/{name}_{version}_amd64.deb";
        await Tool.RequireAsync(new("dpkg-deb", "--root-owner-group", "-b", tree, file), CancellationToken.None);
        return Of(file);
    }

    public static async Task<ProductFile> RpmAsync(string directory, string name, string version, string content)
    {
        var top = Directory.CreateDirectory($"{directory}/{Guid.NewGuid():N}").FullName;
        await File.WriteAllTextAsync(
            $"{top}/p.spec",
            $"""
            Name: {name}
            Version: {version}
            Release: 1
            Summary: {name} for tests
            License: Apache-2.0
            BuildArch: noarch
            %description
            Says {content}.
            %install
            mkdir -p %buildroot/usr/share/{name}
            echo '{content}' > %buildroot/usr/share/{name}/content
            %files
            /usr/share/{name}
            """
        );
        var build = new Command(
            "rpmbuild",
            "-bb",
            "--define",
            $"_topdir {top}",
            "--define",
            "_tmppath /tmp",
            $"{top}/p.spec"
        );
        await Tool.RequireAsync(Sandbox.Wrap(build, [], top), CancellationToken.None);
        return Of($"{top}/RPMS/noarch/{name}-{version}-1.noarch.rpm");
    }

    /// <summary>A file as it is, under the product's name that it has.</summary>
    public static ProductFile Of(string path) =>
        new(path, new Product(Path.GetFileName(path), new FileInfo(path).Length, Digest.OfFile(path)));

    /// <summary>A file of a content that is no package.</summary>
    public static ProductFile Garbage(string directory, string fileName, string content = "no package")
    {
        var file = Directory.CreateDirectory($"{directory}/{Guid.NewGuid():N}").FullName + $"/{fileName}";
        File.WriteAllText(file, content);
        return Of(file);
    }
}
